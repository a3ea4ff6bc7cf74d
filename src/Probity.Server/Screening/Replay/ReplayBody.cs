using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Cli;
using Probity.Server.Keys;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Replay;

/// <summary>
/// <c>probity screen replay</c>: asks every stored question again, of the lists of its day, and compares the answers
/// byte for byte. It reads only, beside a running server too.
/// </summary>
internal static class ReplayBody
{
    private const int Page = 256;
    private const int MaxShown = 20;

    public static async Task<int> RunAsync(
        ReplayRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        await using var ledger = LocalLedger.ForReading(context, static services =>
        {
            services.AddSingleton<ListLibrary>();
            services.AddSingleton<EngineArchive>();
        });
        var store = ledger.Services.GetRequiredService<ILedgerStore>();
        var root = RootKeys.Find(context.Settings) ?? throw new ExpectedFaultException(
            "Stored answers are encrypted and cannot be read without the root key.", "Set AUDIT_ENCRYPTION_KEY.");
        using var keys = await KeyRing.OpenExistingAsync(
            ledger.Services.GetRequiredService<IDatabase>(), root, TimeProvider.System, cancellationToken);
        var opener = new EntryOpener(store, keys);
        var replay = new AnswerReplay(ledger.Services.GetRequiredService<EngineArchive>());
        for (var next = request.From; next <= request.To;)
        {
            var entries = await store.ReadEntriesAsync(next, Page, cancellationToken);
            foreach (var entry in entries.TakeWhile(entry => entry.Seq <= request.To))
            {
                if (IsAnswer(entry.Body))
                {
                    var opened = await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken);
                    await replay.TakeAsync(entry.Seq, opened, cancellationToken);
                }
            }

            if (entries.Count == 0)
            {
                break;
            }

            next = entries[^1].Seq + 1;
            await context.Error.WriteLineAsync($"{next} entries read, {replay.Answers} answers replayed");
        }

        await WriteAsync(context, replay);
        return replay.Different.Count > 0 ? ExitCode.Tampered
            : replay.OtherEngine > 0 ? ExitCode.CannotTell
            : ExitCode.Done;
    }

    // The type is plain in every entry; only answers are worth decrypting.
    private static bool IsAnswer(ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("type", out var type)
            && (type.ValueEquals(MatchEvents.Answered) || type.ValueEquals(ContinuousEvents.Screened));
    }

    private static async Task WriteAsync(VerbContext context, AnswerReplay replay)
    {
        if (context.IsJson)
        {
            await context.Output.WriteLineAsync(new JsonObject
            {
                ["answers"] = replay.Answers,
                ["identical"] = replay.Identical,
                ["different"] = new JsonArray([.. replay.Different.Take(MaxShown).Select(seq => (JsonNode)seq)]),
                ["erased"] = replay.Erased,
                ["other_engine"] = replay.OtherEngine,
            }.ToJsonString(CliJson.Options));
            return;
        }

        await context.Output.WriteLineAsync(
            $"{replay.Answers} answers replayed: {replay.Identical} identical, {replay.Different.Count} different, "
            + $"{replay.Erased} erased, {replay.OtherEngine} by another engine.");
        foreach (var seq in replay.Different.Take(MaxShown))
        {
            await context.Output.WriteLineAsync($"✗ entry {seq}: the same question has another answer");
        }
    }
}

/// <summary>What the verb asks for.</summary>
/// <param name="From">The first entry, from 0.</param>
/// <param name="To">The last entry, inclusive.</param>
internal sealed record ReplayRequest(long From, long To);
