using System.Text.Json;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Cli;
using Probity.Server.Storage;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// <c>probity customers replay</c>: computes stored ratings again and compares them byte for byte, through a server
/// when one is named or holds the data folder, else in the folder itself. Exit 1 on any difference.
/// </summary>
internal static class ReplayRatingsBody
{
    public static async Task<int> RunAsync(
        ServerAddress? named, VerbContext context, CancellationToken cancellationToken)
    {
        var remote = named ?? (context.TryGetServer(out var server) ? server : null);
        var report = remote is not null
            ? await ServerCall.PostAsync<RatingReplay>(
                remote, "customers/ratings:replay", null, TimeSpan.FromHours(1), cancellationToken)
            : await ReadAsync(context, cancellationToken);
        if (context.IsJson)
        {
            await context.Output.WriteLineAsync(JsonSerializer.Serialize(report, ServerCall.Json));
        }
        else
        {
            await context.Output.WriteLineAsync(FormattableString.Invariant(
                $"{report.Ratings} ratings replayed: {report.Identical} identical, ")
                + FormattableString.Invariant($"{report.Differences} different, {report.Erased} erased."));
            foreach (var id in report.Different)
            {
                await context.Output.WriteLineAsync($"✗ {id}: the same facts have another rating");
            }
        }

        return report.Differences > 0 ? ExitCode.Tampered : ExitCode.Done;
    }

    private static async Task<RatingReplay> ReadAsync(VerbContext context, CancellationToken cancellationToken)
    {
        await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken);
        var services = ledger.Services;
        var archive = new RatingArchive(
            services.GetRequiredService<IDatabase>(), services.GetRequiredService<Scorecards>(),
            new Lazy<EventFinder>(services.GetRequiredService<EventFinder>),
            new Lazy<EntryOpener>(services.GetRequiredService<EntryOpener>));
        return await archive.ReplayAsync(null, cancellationToken);
    }
}
