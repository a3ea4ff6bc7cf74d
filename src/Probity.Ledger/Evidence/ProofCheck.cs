using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;

namespace Probity.Ledger.Evidence;

/// <summary>Verifies one entry with its proof and explains a refusal.</summary>
public static class ProofCheck
{
    /// <summary>
    /// Null when the entry is proven; else what is wrong. The entry's own number and log are compared with the proof's too.
    /// </summary>
    /// <param name="proof">The proof.</param>
    /// <param name="body">The exact bytes of the entry.</param>
    /// <param name="keys">The trusted keys.</param>
    /// <param name="origin">The log expected; null for whichever the checkpoint names.</param>
    public static Finding? Verify(TlogProof proof, ReadOnlySpan<byte> body, IReadOnlyList<VerifierKey> keys, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(keys);
        var leaf = MerkleHash.Leaf(body);
        if (VerifyLeaf(proof, leaf, keys, origin) is { } refusal)
        {
            return refusal;
        }

        var scanned = new EntryScanner(proof.Checkpoint.Origin).Scan(body);
        return scanned.IsReadable && scanned.Seq == proof.Index
            ? null
            : Refusal(FindingKind.Unreadable, proof,
                "The bytes are in the log at that place, but they are no entry with that number.", leaf);
    }

    /// <summary>Null when that leaf hash is in the log at the proof's place; else what is wrong.</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="leaf">The leaf hash, as it is left of a purged entry.</param>
    /// <param name="keys">The trusted keys.</param>
    /// <param name="origin">The log expected; null for whichever the checkpoint names.</param>
    public static Finding? VerifyLeaf(
        TlogProof proof, Digest leaf, IReadOnlyList<VerifierKey> keys, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(keys);
        if (origin is not null && proof.Checkpoint.Origin != origin)
        {
            return Refusal(FindingKind.Unreadable, proof, $"The proof is of another log, {proof.Checkpoint.Origin}.", leaf);
        }

        return proof.Verify(leaf, keys) switch
        {
            TlogProofVerdict.Refused("proof.unknown_log", var detail) =>
                Refusal(FindingKind.WrongKey, proof, detail, leaf),
            TlogProofVerdict.Refused("note.invalid_signature" or "note.ambiguous_key", var detail) =>
                Refusal(FindingKind.CheckpointAltered, proof, detail, leaf),
            TlogProofVerdict.Refused(_, var detail) => Refusal(FindingKind.Changed, proof, detail, leaf),
            _ => null,
        };
    }

    private static Finding Refusal(FindingKind kind, TlogProof proof, string detail, Digest leaf) =>
        new(kind, proof.Index, proof.Index, $"entry/{proof.Index}", detail, null, leaf.ToString(), null,
            $"Entry {proof.Index} is not proven.");
}
