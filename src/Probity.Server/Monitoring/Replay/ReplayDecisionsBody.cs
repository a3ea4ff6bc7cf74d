using System.Text.Json;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Cli;
using Probity.Server.Keys;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Replay;

/// <summary>
/// <c>probity monitor replay</c>: computes stored decisions again and compares them byte for byte; of a data folder,
/// also beside a running server, or by a server. It reads only. Exit 1 on any difference.
/// </summary>
internal static class ReplayDecisionsBody
{
    private const int ProgressEvery = 10_000;

    public static async Task<int> RunAsync(
        ReplayDecisionsRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        using var range = JsonContent.Create(request.Range, options: ServerCall.Json);
        var report = request.Remote is { } server
            ? await ServerCall.PostAsync<ReplayReport>(
                server, "monitoring:replay", range, TimeSpan.FromHours(6), cancellationToken)
            : await ReadAsync(request.Range, context, cancellationToken);
        await WriteAsync(context, report);
        return report.Differences > 0 ? ExitCode.Tampered
            : report.OtherEngine > 0 || report.Uncertain > 0 ? ExitCode.CannotTell
            : ExitCode.Done;
    }

    private static async Task<ReplayReport> ReadAsync(
        ReplayRange range, VerbContext context, CancellationToken cancellationToken)
    {
        await using var ledger = LocalLedger.ForReading(context);
        var store = ledger.Services.GetRequiredService<ILedgerStore>();
        var database = ledger.Services.GetRequiredService<IDatabase>();
        using var keys = RootKeys.Find(context.Settings) is { } root
            ? await KeyRing.OpenExistingAsync(database, root, TimeProvider.System, cancellationToken)
            : context.Settings.EncryptionEnabled
                ? throw new ExpectedFaultException(
                    "Stored decisions are encrypted and cannot be read without the root key.",
                    "Set AUDIT_ENCRYPTION_KEY.")
                : null;
        var shown = 0L;
        return await range.RunAsync(
            new StepReader(store, new EntryOpener(store, keys)), new RuleLibrary(database),
            (seq, report) =>
            {
                if (seq - shown >= ProgressEvery)
                {
                    shown = seq;
                    context.Error.WriteLine($"{seq} entries read, {report.Decisions} decisions replayed");
                }
            },
            cancellationToken);
    }

    private static async Task WriteAsync(VerbContext context, ReplayReport report)
    {
        if (context.IsJson)
        {
            await context.Output.WriteLineAsync(JsonSerializer.Serialize(report, ServerCall.Json));
            return;
        }

        await context.Output.WriteLineAsync(
            $"{report.Decisions} decisions replayed: {report.Identical} identical, {report.Differences} different, "
            + $"{report.Erased} erased, {report.Uncertain} uncertain after an erasure, "
            + $"{report.OtherEngine} by another engine.");
        foreach (var seq in report.Different)
        {
            await context.Output.WriteLineAsync($"✗ entry {seq}: the same transaction has another decision");
        }
    }
}

/// <summary>What the verb asks for.</summary>
/// <param name="Range">Which decisions.</param>
/// <param name="Remote">The server to ask; null for the data folder.</param>
internal sealed record ReplayDecisionsRequest(ReplayRange Range, ServerAddress? Remote);
