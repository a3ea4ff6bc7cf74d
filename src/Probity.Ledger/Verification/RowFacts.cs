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
}

/// <summary>Hashes and scans the rows of a batch: all the work that grows with the bytes. Thread safe.</summary>
internal sealed class RowReader(string origin, IReadOnlyList<string> formers, bool withBlobs)
{
    private readonly EntryScanner _scanner = new(origin, formers);

    /// <summary>Fills <paramref name="facts"/>, which must have room for the batch.</summary>
    /// <returns>The bytes of the bodies.</returns>
    public long Read(
        ReadOnlySpan<AuditedEntry> entries, Span<RowFacts> facts, List<BlobReference> blobs, Claims claims)
    {
        var bytes = 0L;
        for (var i = 0; i < entries.Length; i++)
        {
            var body = entries[i].Body.Span;
            bytes += body.Length;
            facts[i] = default;
            if (body.IsEmpty)
            {
                (facts[i].Row, facts[i].Seq, facts[i].IsGone) = (entries[i].Row, entries[i].Row, true);
                continue;
            }

            Read(entries[i], body, ref facts[i], blobs);
            if (PurgeClaims.TryRead(body) is { } claim)
            {
                claims.Purges.Add(claim);
            }
            else if (ContinuationClaims.TryRead(body) is { } continuation)
            {
                claims.Continuations.Add(continuation);
            }
        }

        return bytes;
    }

    private void Read(in AuditedEntry entry, ReadOnlySpan<byte> body, ref RowFacts facts, List<BlobReference> blobs)
    {
        var scanned = _scanner.Scan(body);
        facts.Row = entry.Row;
        facts.Seq = scanned.Seq;
        facts.Leaf = MerkleHash.Leaf(body);
        facts.Prev = scanned.Prev;
        facts.HasPrev = scanned.HasPrev;
        facts.IsReadable = scanned.IsReadable;
        facts.Log = scanned.Log;
        facts.HasStored = !entry.StoredHash.IsEmpty;
        if (facts.HasStored)
        {
            facts.Stored = entry.StoredHash.Length == Digest.Length
                ? Digest.From(entry.StoredHash.Span)
                : NoDigest(facts.Leaf);
        }

        if (withBlobs && scanned.BlobsLength > 0)
        {
            BlobReferences.Read(scanned.Seq, body.Slice(scanned.BlobsStart, scanned.BlobsLength), blobs);
        }
    }

    /// <summary>Stands for a stored hash of the wrong length: a value that the body does not have.</summary>
    private static Digest NoDigest(in Digest leaf)
    {
        var other = leaf.ToArray();
        other[0] ^= byte.MaxValue;
        return Digest.From(other);
    }
}
