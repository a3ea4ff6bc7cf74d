using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage.Followers;

namespace Probity.Server.AuditTrail.Indexing;

/// <summary>The ledger as followers read it.</summary>
internal sealed class FollowedLedger(ILedgerStore store, CommitSignal signal) : IFollowedLog
{
    public long Size => signal.Head?.Size ?? 0;

    public async Task<IReadOnlyList<FollowedEntry>> ReadAsync(
        long fromSeq, int most, CancellationToken cancellationToken)
    {
        var entries = await store.ReadEntriesAsync(fromSeq, most, cancellationToken);
        return [.. entries.Select(entry => new FollowedEntry(entry.Seq, entry.Body))];
    }

    public async Task<IReadOnlyList<FollowedEntry>> ReadAsync(
        long fromSeq, int most, EntryBuffer buffer, CancellationToken cancellationToken)
    {
        buffer.Clear();
        var entries = new List<FollowedEntry>();
        await store.ReadBodiesAsync(
            fromSeq, most, (seq, body) => entries.Add(new FollowedEntry(seq, buffer.Add(body))), cancellationToken);
        return entries;
    }

    public bool IsPurged(long first, long last) => store.IsPurged(first, last);

    public Task WaitBeyondAsync(long size, CancellationToken cancellationToken) =>
        signal.WaitBeyondAsync(size, cancellationToken);
}
