using Probity.Ledger.Notes;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail;

/// <summary>Which log this is: its name and the key it signs with. Fixed for the life of the log.</summary>
internal sealed record LogIdentity(string Origin, VerifierKey Key)
{
    /// <summary>The origins it had before an old copy was put back, the oldest first; mostly none.</summary>
    public IReadOnlyList<FormerOrigin> Formers { get; init; } = [];

    /// <summary>Its key, and those under the names it had before: all that is trusted for what is stored.</summary>
    public IReadOnlyList<VerifierKey> Keys => [Key, .. Formers.Select(former => former.Key)];

    /// <summary>Makes the identity of a stored log.</summary>
    /// <param name="signer">Signs under the present origin.</param>
    /// <param name="continuations">What the store says of former origins.</param>
    /// <param name="seed">The signing key's seed, which is the same under every origin.</param>
    public static LogIdentity Of(
        NoteSigner signer, IReadOnlyList<StoredContinuation> continuations, ReadOnlySpan<byte> seed)
    {
        var formers = new List<FormerOrigin>(continuations.Count);
        foreach (var continuation in continuations)
        {
            using var former = NoteSigner.FromSeed(continuation.Former, seed);
            formers.Add(new FormerOrigin(former.Key, continuation.Seq));
        }

        return new LogIdentity(signer.Key.Name, signer.Key) { Formers = formers };
    }
}

/// <summary>An origin the log had before.</summary>
/// <param name="Key">The key it signed with; its name is the origin.</param>
/// <param name="End">The number of the entry with which the log goes on under another origin.</param>
internal sealed record FormerOrigin(VerifierKey Key, long End);
