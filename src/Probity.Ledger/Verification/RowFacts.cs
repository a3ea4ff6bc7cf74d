using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>What one stored row says, and what its bytes hash to. A plain value, so that rows are looked at in bulk.</summary>
internal struct RowFacts
{
    /// <summary>The row's number.</summary>
    public long Row;

    /// <summary>The number in the body, or <see cref="ScannedEntry.NoSeq"/>.</summary>
    public long Seq;

    /// <summary>The leaf hash of the body.</summary>
    public Digest Leaf;

    /// <summary>The link in the body, if <see cref="HasPrev"/>.</summary>
    public Digest Prev;

    /// <summary>The hash stored beside the body, if <see cref="HasStored"/>.</summary>
    public Digest Stored;

    public bool HasPrev;

    public bool HasStored;

    public bool IsReadable;

    /// <summary>Which name the body gives the log: 0 the present one, n the n-th former one.</summary>
    public byte Log;

    /// <summary>Whether the row only keeps the place of an entry that is gone: it has no bytes.</summary>
    public bool IsGone;
}

/// <summary>A blob that an entry names.</summary>
internal readonly record struct BlobReference(long Seq, Digest Sha256, long Length);

/// <summary>What entries of a batch claim of the log itself.</summary>
internal sealed class Claims
{
    public List<PurgeClaim> Purges { get; } = [];

    public List<ContinuationClaim> Continuations { get; } = [];

    public List<RecoveryKeyClaim> RecoveryKeys { get; } = [];

    /// <summary>Takes what an entry claims; most claim nothing.</summary>
    public void Read(ReadOnlySpan<byte> body)
    {
        if (PurgeClaims.TryRead(body) is { } claim)
        {
            Purges.Add(claim);
        }
        else if (ContinuationClaims.TryRead(body) is { } continuation)
        {
            Continuations.Add(continuation);
        }
        else if (RecoveryKeyClaims.TryRead(body) is { } key)
        {
            RecoveryKeys.Add(key);
        }
    }
}

/// <summary>Scans rows for what ties them to their places. Thread safe.</summary>
internal sealed class RowReader(string origin, IReadOnlyList<string> formers, bool withBlobs)
{
    private readonly EntryScanner _scanner = new(origin, formers);

    /// <summary>Fills the facts of a row that has a body, all but the leaf hash.</summary>
    public void Read(
        long row, ReadOnlySpan<byte> storedHash, ReadOnlySpan<byte> body, ref RowFacts facts,
        List<BlobReference> blobs)
    {
        var scanned = _scanner.Scan(body);
        facts.Row = row;
        facts.Seq = scanned.Seq;
        facts.Prev = scanned.Prev;
        facts.HasPrev = scanned.HasPrev;
        facts.IsReadable = scanned.IsReadable;
        facts.Log = scanned.Log;
        facts.HasStored = !storedHash.IsEmpty;
        if (facts.HasStored)
        {
            facts.Stored = storedHash.Length == Digest.Length ? Digest.From(storedHash) : NoDigestOf(body);
        }

        if (withBlobs && scanned.BlobsLength > 0)
        {
            BlobReferences.Read(scanned.Seq, body.Slice(scanned.BlobsStart, scanned.BlobsLength), blobs);
        }
    }

    /// <summary>Stands for a stored hash of the wrong length: a value that the body does not have.</summary>
    private static Digest NoDigestOf(ReadOnlySpan<byte> body)
    {
        var other = MerkleHash.Leaf(body).ToArray();
        other[0] ^= byte.MaxValue;
        return Digest.From(other);
    }
}
