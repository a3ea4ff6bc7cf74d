using System.Data.Common;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Append;

/// <summary>Work that shares the ledger's transaction: a module's rows, written before the head is locked.</summary>
internal delegate Task AlongsideWork(
    DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken);

/// <summary>One entry, finished but for its place in the log.</summary>
/// <param name="Id">The entry's id, <c>evt_…</c>.</param>
/// <param name="Template">Canonical bytes with the three places left open.</param>
/// <param name="External">The source's own id of it, or null when it has none.</param>
/// <param name="Blobs">Content that is stored beside the log in the same commit.</param>
internal sealed record PreparedEntry(
    string Id, EntryTemplate Template, ExternalKey? External, IReadOnlyList<BlobContent> Blobs)
{
    /// <summary>Keys of persons that were not durable when it was sealed: the same commit writes them.</summary>
    public IReadOnlyList<SubjectKey> NewKeys { get; init; } = [];

    /// <summary>The version of the field classes it was sealed under; null for entries of ours.</summary>
    public int? ClassesVersion { get; init; }
}

/// <summary>Content stored beside the log, already encrypted.</summary>
/// <param name="Sha256">The digest of <paramref name="Content"/>, which is its address.</param>
/// <param name="KeyId">The data key it is encrypted under; empty when encryption is off.</param>
/// <param name="Content">Nonce, ciphertext and tag; the plain bytes when encryption is off.</param>
internal sealed record BlobContent(Digest Sha256, string KeyId, byte[] Content);

/// <summary>
/// (source, external_id) as the store keeps it: 16 bytes of the SHA-256 of both, so that the unique index costs the
/// same for every source, and 8 bytes of the event's digest, so that the same id with other content is noticed.
/// </summary>
internal sealed record ExternalKey(byte[] Key, long Fingerprint);

/// <summary>A caller's Idempotency-Key: digests of (caller, key) and of the request it came with.</summary>
internal sealed record IdempotencyKey(byte[] Key, byte[] Request);

/// <summary>Entries that are committed together or not at all.</summary>
internal sealed class AppendRequest(
    IReadOnlyList<PreparedEntry> entries, IdempotencyKey? idempotency = null, AlongsideWork? alongside = null)
{
    private readonly TaskCompletionSource<AppendResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<PreparedEntry> Entries { get; } = entries;

    public IdempotencyKey? Idempotency { get; } = idempotency;

    public AlongsideWork? Alongside { get; } = alongside;

    /// <summary>The most bytes its entries and blobs can take.</summary>
    public long Bytes { get; } = Count(entries);

    public Task<AppendResult> Completion => _completion.Task;

    public void Complete(AppendResult result) => _completion.TrySetResult(result);

    public void Fail(Exception exception) => _completion.TrySetException(exception);

    private static long Count(IReadOnlyList<PreparedEntry> entries)
    {
        var bytes = 0L;
        for (var i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Template.MaxLength;
            for (var j = 0; j < entries[i].Blobs.Count; j++)
            {
                bytes += entries[i].Blobs[j].Content.Length;
            }
        }

        return bytes;
    }
}
