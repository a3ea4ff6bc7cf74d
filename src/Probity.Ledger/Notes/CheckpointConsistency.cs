using Probity.Ledger.Merkle;

namespace Probity.Ledger.Notes;

/// <summary>
/// Decides whether one checkpoint of a log extends another. It settles the corners that
/// <see cref="ConsistencyProof"/> leaves open: the empty tree, equal sizes, and the reason of a refusal. The signatures
/// are not looked at. Pure and thread safe.
/// </summary>
/// <remarks>
/// Of the empty tree: every tree extends it, with no proof at all, provided that the root at size 0 is the one RFC 6962
/// §2.1 gives. RFC 6962 §2.1.2 defines proofs for 0 &lt; m &lt; n only.
/// </remarks>
public static class CheckpointConsistency
{
    /// <summary>
    /// Verifies the proof that <paramref name="newer"/> holds all entries of <paramref name="older"/>.
    /// </summary>
    public static ConsistencyVerdict Verify(Checkpoint older, Checkpoint newer, IReadOnlyList<Digest> proof)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        ArgumentNullException.ThrowIfNull(proof);
        if (older.Origin != newer.Origin)
        {
            return Refuse("checkpoint.other_origin", "The checkpoints are of different logs.");
        }

        if ((older.Size == 0 && older.Root != MerkleHash.Empty) || (newer.Size == 0 && newer.Root != MerkleHash.Empty))
        {
            return Refuse("checkpoint.empty_root", "The root at size 0 is not the hash of nothing.");
        }

        if (newer.Size < older.Size)
        {
            return Refuse("checkpoint.rolled_back", $"The log shrank from {older.Size} to {newer.Size}.");
        }

        if (newer.Size == older.Size && newer.Root != older.Root)
        {
            return Refuse("checkpoint.forked", $"Two roots are signed for size {older.Size}.");
        }

        return VerifyProof(older, newer, proof);
    }

    private static ConsistencyVerdict VerifyProof(Checkpoint older, Checkpoint newer, IReadOnlyList<Digest> proof)
    {
        if (proof.Count != ConsistencyProof.Length(older.Size, newer.Size))
        {
            return Refuse("checkpoint.proof_length", $"A proof from {older.Size} to {newer.Size} has another length.");
        }

        return older.Size == 0 || ConsistencyProof.Verify(older.Size, newer.Size, older.Root, newer.Root, proof)
            ? new ConsistencyVerdict.Consistent()
            : Refuse("checkpoint.inconsistent", $"The tree of {newer.Size} does not extend the tree of {older.Size}.");
    }

    private static ConsistencyVerdict.Refused Refuse(string code, string detail) => new(code, detail);
}

/// <summary>Whether a checkpoint extends another: <see cref="Consistent"/> or <see cref="Refused"/>.</summary>
public abstract record ConsistencyVerdict
{
    private ConsistencyVerdict()
    {
    }

    /// <summary>The newer tree holds all entries of the older one, unchanged and in place.</summary>
    public sealed record Consistent : ConsistencyVerdict;

    /// <summary>It is not shown that the newer tree extends the older one.</summary>
    /// <param name="Code">
    /// <c>checkpoint.other_origin</c>, <c>checkpoint.empty_root</c>, <c>checkpoint.rolled_back</c>,
    /// <c>checkpoint.forked</c>, <c>checkpoint.proof_length</c> or <c>checkpoint.inconsistent</c>.
    /// </param>
    /// <param name="Detail">The reason in a sentence.</param>
    public sealed record Refused(string Code, string Detail) : ConsistencyVerdict;
}
