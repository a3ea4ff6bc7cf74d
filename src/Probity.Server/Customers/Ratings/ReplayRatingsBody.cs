using System.Net.Http.Headers;
using System.Text.Json;
using Probity.Contracts.Problems;
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
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static async Task<int> RunAsync(
        ServerAddress? named, VerbContext context, CancellationToken cancellationToken)
    {
        var remote = named ?? (context.TryGetServer(out var server) ? server : null);
        var report = remote is not null
            ? await AskAsync(remote, cancellationToken)
            : await ReadAsync(context, cancellationToken);
        if (context.IsJson)
        {
            await context.Output.WriteLineAsync(JsonSerializer.Serialize(report, s_json));
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

    private static async Task<RatingReplay> AskAsync(ServerAddress server, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromHours(1) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        try
        {
            using var response = await http.PostAsync(
                new Uri("api/v1/customers/ratings:replay", UriKind.Relative), null, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadFromJsonAsync<RatingReplay>(s_json, cancellationToken)
                    ?? throw NoProbity();
            }

            var problem = await response.Content.ReadFromJsonAsync<Problem>(s_json, cancellationToken)
                ?? throw NoProbity();
            throw new ExpectedFaultException(
                problem.Detail ?? problem.Title, ErrorCodes.Find(problem.Code)?.Remedy ?? "See the server's log.");
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException)
        {
            throw new ExpectedFaultException(
                "The server does not answer as a Probity server.", "Correct --url, or start the server.",
                cause: fault);
        }
    }

    private static ExpectedFaultException NoProbity() =>
        new("The server's answer is empty.", "Check that --url names a Probity server.");
}
