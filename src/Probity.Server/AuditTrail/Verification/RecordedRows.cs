using System.Text.Json.Nodes;
using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>A row as the entries of the ledger leave it.</summary>
/// <param name="Entry">The id of the entry of the last change.</param>
/// <param name="Columns">The columns; null after a delete.</param>
/// <param name="IsUnreadable">Whether an entry of it cannot be opened any more.</param>
internal sealed record RecordedRow(string Entry, JsonObject? Columns, bool IsUnreadable);

/// <summary>
/// Plays the changes that entries record back into rows. Memory grows with the audited rows, not with the log. Not
/// thread safe.
/// </summary>
internal sealed class RecordedRows(ILedgerStore store, EntryOpener opener, IReadOnlySet<string> tables)
{
    private const int Batch = 1_024;
    private const string OwnTypes = "probity.";
    private readonly Dictionary<(string Table, string Key), RecordedRow> _rows = [];

    /// <summary>The number of the first entry not played back yet.</summary>
    public long NextSeq { get; private set; }

    public IEnumerable<KeyValuePair<(string Table, string Key), RecordedRow>> All => _rows;

    public RecordedRow? Find(string table, string key) => _rows.GetValueOrDefault((table, key));

    /// <summary>Plays back what the log holds beyond <see cref="NextSeq"/>.</summary>
    public async Task ReadOnAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entries = await store.ReadEntriesAsync(NextSeq, Batch, cancellationToken);
            foreach (var entry in entries)
            {
                if (MayChangeRow(entry.Body.Span))
                {
                    Play((await opener.OpenAsync(entry.Body, withBlobs: true, cancellationToken)));
                }
            }

            NextSeq = entries.Count == 0 ? NextSeq : entries[^1].Seq + 1;
            progress?.Report(NextSeq);
            if (entries.Count < Batch)
            {
                return;
            }
        }
    }

    // Opening an entry costs a decryption: most entries say in clear that they change no row.
    private static bool MayChangeRow(ReadOnlySpan<byte> body) =>
        (body.IndexOf("\"after\""u8) >= 0 || body.IndexOf("/after"u8) >= 0
            || body.IndexOf("\"before\""u8) >= 0 || body.IndexOf("/before"u8) >= 0)
        && IsOurs(body);

    private static bool IsOurs(ReadOnlySpan<byte> body)
    {
        try
        {
            return EntryReader.ReadHeader(body).Type.StartsWith(OwnTypes, StringComparison.Ordinal);
        }
        catch (FormatException)
        {
            return false; // The audit of the log names it.
        }
    }

    private void Play(OpenedEntry opened)
    {
        var entry = opened.Json;
        if (entry["targets"] is not JsonArray { Count: > 0 } targets || targets[^1] is not JsonObject row
            || row["type"]?.GetValue<string>() is not { } table || !tables.Contains(table)
            || row["id"]?.GetValue<string>() is not { } key)
        {
            return;
        }

        var before = entry["before"] as JsonObject;
        var after = entry["after"] as JsonObject;
        var known = _rows.GetValueOrDefault((table, key));
        var isUnreadable = opened.Unreadable.Count > 0 || (known is { IsUnreadable: true } && before is not null);
        var columns = after is null ? null : before is null ? [] : known?.Columns ?? [];
        foreach (var (name, value) in after ?? [])
        {
            columns![name] = value?.DeepClone(); // Of a change with an after-state they are there.
        }

        _rows[(table, key)] = new RecordedRow(entry["id"]!.GetValue<string>(), columns, isUnreadable);
    }
}
