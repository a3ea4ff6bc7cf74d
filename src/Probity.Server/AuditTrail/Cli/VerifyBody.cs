using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Start;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Hosting.Cli;
using Probity.Server.Keys;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail.Cli;

/// <summary>
/// <c>probity ledger verify</c>: reads every stored value again. It opens nothing for writing, so a ledger that a server
/// refuses to open can still be looked into.
/// </summary>
internal static class VerifyBody
{
    public static async Task<int> RunAsync(
        VerifyRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var outside = await OutsideAsync(request, context, cancellationToken);
        var report = context.TryGetServer(out var server)
            ? await ThroughServerAsync(server, request, outside, cancellationToken)
            : await LocalAsync(context, request, outside, cancellationToken);
        await WriteAsync(context, report, outside.Count);
        return report["sound"]!.GetValue<bool>() ? ExitCode.Done : ExitCode.Tampered;
    }

    private static async Task<List<string>> OutsideAsync(
        VerifyRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var kept = Path.Combine(context.Settings.DataDir, "checkpoints", CheckpointKeeper.FileName);
        if (File.Exists(kept))
        {
            notes.Add(await File.ReadAllTextAsync(kept, cancellationToken));
        }

        if (request.Against is { } path)
        {
            try
            {
                notes.Add(await File.ReadAllTextAsync(path, cancellationToken));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw new ExpectedFaultException($"The checkpoint {path} cannot be read.", "Correct the path.", cause: fault);
            }
        }

        return notes;
    }

    private static async Task<JsonObject> ThroughServerAsync(
        ServerAddress server, VerifyRequest request, List<string> outside, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        using var response = await http.PostAsJsonAsync(
            new Uri(server.Url, "/api/v1/ledger:verify"), new { checkpoints = outside, rows = request.IsWithRows },
            cancellationToken);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return response.IsSuccessStatusCode && body is not null
            ? body
            : throw new ExpectedFaultException(
                $"The server answered {(int)response.StatusCode}: {body?["detail"] ?? body?["title"]}", "See its log.");
    }

    private static async Task<JsonObject> LocalAsync(
        VerbContext context, VerifyRequest request, List<string> outside, CancellationToken cancellationToken)
    {
        await using var ledger = LocalLedger.ForReading(context);
        var store = ledger.Services.GetRequiredService<ILedgerStore>();
        var origin = await FindOriginAsync(store, outside, cancellationToken)
            ?? throw new ExpectedFaultException("There is no ledger here.", "Check --data and AUDIT_DATABASE_URL.");
        var root = RootKeys.Find(context.Settings)
            ?? throw new ExpectedFaultException(
                "Without the root key it is not known which key signs this log.", "Set AUDIT_ENCRYPTION_KEY.");
        using var keys = await KeyRing.OpenExistingAsync(
            ledger.Services.GetRequiredService<IDatabase>(),
            root,
            TimeProvider.System,
            cancellationToken);
        using var signer = NoteSigner.FromSeed(origin, keys.Installation.LogSigning);
        var identity = LogIdentity.Of(
            signer, await store.ReadContinuationsAsync(cancellationToken), keys.Installation.LogSigning);
        var stored = await StoredLog.OpenAsync(store, origin, cancellationToken);
        var progress = context.IsJson ? null : new RunningCount(context.Error, TimeProvider.System, "entries");
        var report = await LogAuditor.AuditAsync(
            stored,
            new AuditOptions(identity.Keys, outside) { Blobs = stored, Progress = progress },
            cancellationToken);
        progress?.End();
        var answer = ReportJson.Of(report, origin);
        if (request.IsWithRows)
        {
            var database = ledger.Services.GetRequiredService<IDatabase>();
            var rows = new RowAudit(database, store, new EntryOpener(store, keys));
            (await rows.RunAsync(null, cancellationToken)).AddTo(answer);
        }

        return answer;
    }

    /// <summary>The log's name from what is hardest to alter unnoticed: a kept checkpoint, the entries, then the head.</summary>
    private static async Task<string?> FindOriginAsync(
        ILedgerStore store, List<string> outside, CancellationToken cancellationToken)
    {
        // A log that goes on under a new origin says so in its last entry, and its head agrees.
        var head = (await store.ReadRawHeadAsync(cancellationToken))?.Origin;
        if (head is not null && (await store.ReadContinuationsAsync(cancellationToken)).Any(c => c.Origin == head)
            && await store.ReadLastRowAsync(cancellationToken) is { } last
            && await NameAsync(store, last, cancellationToken) == head)
        {
            return head;
        }

        foreach (var note in outside)
        {
            try
            {
                return Checkpoint.Parse(SignedNote.Parse(note).Text).Origin;
            }
            catch (NoteFormatException)
            {
                // The audit names a malformed checkpoint; here another source will do.
            }
        }

        return await NameAsync(store, long.MinValue, cancellationToken) ?? head;
    }

    /// <summary>The log that the first readable of three rows names, from a row on; null when there is none.</summary>
    private static async Task<string?> NameAsync(ILedgerStore store, long from, CancellationToken cancellationToken)
    {
        using var rows = await store.ReadRawEntriesAsync(from, long.MaxValue, 3, cancellationToken);
        foreach (var row in rows.Entries.ToArray())
        {
            try
            {
                return EntryReader.ReadHeader(row.Body.Span).Log;
            }
            catch (FormatException)
            {
                // Altered beyond reading: the next row.
            }
        }

        return null;
    }

    private static async Task WriteAsync(VerbContext context, JsonObject report, int outside)
    {
        if (context.IsJson)
        {
            await context.Output.WriteLineAsync(report.ToJsonString(CliJson.Options));
            return;
        }

        await context.Output.WriteLineAsync(
            $"{report["log"]}: {report["entries"]} entries, {report["tiles"]} tiles, {report["checkpoints"]} checkpoints, "
            + $"{report["blobs"]} blobs read again in {report["seconds"]} s; {outside} checkpoint(s) from outside.");
        if (report["purged_entries"]?.GetValue<long>() is > 0 and var gone)
        {
            var approvers = report["purged"]!.AsArray().SelectMany(p => p!["approvers"]!.AsArray())
                .Select(a => a!.ToString()).Distinct().Order(StringComparer.Ordinal);
            await context.Output.WriteLineAsync(
                $"- {gone} entries were purged in order, approved by {string.Join(", ", approvers)}.");
        }

        foreach (var gap in report["continuations"]!.AsArray())
        {
            await context.Output.WriteLineAsync(
                $"- The log goes on from {gap!["former_origin"]}: entries {gap["first_lost_seq"]} to "
                + $"{gap["last_lost_seq"]} of it are lost, as entry {gap["entry_seq"]} states, accepted by "
                + string.Join(", ", gap["approvers"]!.AsArray().Select(a => a!.ToString()))
                + (gap["signed"]!.GetValue<bool>() ? ", who have signed it." : ", as whoever ran the command said."));
        }

        if (report["recovery_keys"]!.AsArray() is { Count: > 0 } keys)
        {
            await context.Output.WriteLineAsync(
                "- Who can sign that a loss is accepted: "
                + string.Join(", ", keys.Select(key => $"{key!["person"]} (entry {key["entry_seq"]})")) + ".");
        }

        foreach (var finding in report["findings"]!.AsArray())
        {
            await context.Output.WriteLineAsync($"✗ {finding!["kind"]} at {finding["where"]}: {finding["detail"]}");
            await context.Output.WriteLineAsync($"  affected: {finding["affected"]}");
        }

        if (report["rows"] is JsonObject rows)
        {
            await WriteRowsAsync(context, rows);
        }

        var good = report["last_good_checkpoint"];
        await context.Output.WriteLineAsync(report["sound"]!.GetValue<bool>()
            ? "✓ sound: every stored value is what was signed."
            : $"✗ TAMPERED. Last good checkpoint: {(good is null ? "none" : $"size {good["size"]}, root {good["root"]}")}.");
    }

    private static async Task WriteRowsAsync(VerbContext context, JsonObject rows)
    {
        await context.Output.WriteLineAsync(
            $"{rows["rows"]} rows of {rows["tables"]} audited tables compared with their entries.");
        foreach (var finding in rows["findings"]!.AsArray())
        {
            var columns = string.Join(", ", finding!["columns"]!.AsArray().Select(column => column!.ToString()));
            await context.Output.WriteLineAsync(
                $"✗ {finding["kind"]} in {finding["table"]}, row {finding["key"]}: {finding["detail"]}"
                + (columns.Length == 0 ? "" : $" Columns: {columns}."));
            await context.Output.WriteLineAsync($"  entry: {finding["entry"]}");
        }
    }
}
