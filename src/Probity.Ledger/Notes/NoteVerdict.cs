namespace Probity.Ledger.Notes;

/// <summary>
/// What verification says of a note: <see cref="Verified"/> or <see cref="Refused"/>, nothing between.
/// </summary>
public abstract record NoteVerdict
{
    private NoteVerdict()
    {
    }

    /// <summary>At least one known key has signed, and no known key's signature fails.</summary>
    /// <param name="Signatures">The signatures that verified, in the note's order, never empty.</param>
    public sealed record Verified(IReadOnlyList<VerifiedSignature> Signatures) : NoteVerdict
    {
        /// <summary>Whether a key equal to this one has signed.</summary>
        public bool IsSignedBy(VerifierKey key) => Signatures.Any(s => s.Key.Equals(key));
    }

    /// <summary>The note must not be believed.</summary>
    /// <param name="Code">
    /// <c>note.invalid_signature</c>, <c>note.ambiguous_key</c> or <c>note.no_known_signature</c>.
    /// </param>
    /// <param name="Detail">The reason in a sentence.</param>
    public sealed record Refused(string Code, string Detail) : NoteVerdict;
}

/// <summary>A signature that has been verified, and the key it was verified with.</summary>
/// <param name="Key">The known key.</param>
/// <param name="UnixSeconds">
/// For a cosignature the time it states, in seconds since 1970-01-01 UTC, 0 or more; null for other signatures. The
/// time is the cosigner's claim and is not compared with a clock.
/// </param>
public sealed record VerifiedSignature(VerifierKey Key, long? UnixSeconds);
