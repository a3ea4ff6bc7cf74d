using Probity.Ledger.Notes;

namespace Probity.Ledger.Verification;

/// <summary>
/// Judges whether those who are said to have accepted a loss have signed it. As long as fewer than two people have a
/// key of recovery nobody could, and that they are named is enough; from then on each who is named must have signed.
/// Pure.
/// </summary>
internal static class Consents
{
    /// <summary>What is to be thought of the consents of an entry.</summary>
    /// <param name="IsSigned">Whether everyone named has signed.</param>
    /// <param name="Fault">Why the entry does not count; null when it does.</param>
    public sealed record Judgement(bool IsSigned, string? Fault);

    /// <param name="claim">The entry's claim.</param>
    /// <param name="keys">The keys in force before the first lost entry, one a person.</param>
    public static Judgement Judge(ContinuationClaim claim, IReadOnlyList<RecoveryKey> keys)
    {
        if (claim.Consents.Count == 0)
        {
            return keys.Count < ContinuationClaims.FewestApprovers
                ? new Judgement(false, null)
                : new Judgement(false, $"{keys.Count} people have a key to sign with, and nobody has.");
        }

        var signers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var consent in claim.Consents)
        {
            if (Verify(consent, TextOf(claim), keys, signers) is { } fault)
            {
                return new Judgement(false, fault);
            }
        }

        return claim.Continuation.Approvers.FirstOrDefault(a => !signers.Contains(a)) is { } other
            ? new Judgement(false, $"{other} is named, and has not signed.")
            : new Judgement(true, null);
    }

    /// <summary>Adds who signed a note; says why it does not count.</summary>
    private static string? Verify(
        string consent, string text, IReadOnlyList<RecoveryKey> keys, HashSet<string> signers)
    {
        SignedNote note;
        try
        {
            note = SignedNote.Parse(consent);
        }
        catch (NoteFormatException fault)
        {
            return $"a consent is no signed note. {fault.Message}";
        }

        if (note.Text != text)
        {
            return "a consent is to another loss.";
        }

        switch (NoteVerification.Verify(note, [.. keys.Select(key => key.Key)]))
        {
            case NoteVerdict.Verified verified:
                signers.UnionWith(verified.Signatures.Select(signature => signature.Key.Name));
                return null;
            case NoteVerdict.Refused refused:
                return $"no key that an entry before the loss names has signed. {refused.Detail}";
            default:
                throw new InvalidOperationException("A verdict is one of two.");
        }
    }

    /// <summary>What must have been signed: made of the entry and the chain, never of the notes.</summary>
    private static string TextOf(ContinuationClaim claim) => new LossConsent(
        claim.Continuation.FormerOrigin, claim.RestoredSize, claim.Prev, claim.Continuation.CheckpointSize,
        claim.Continuation.CheckpointRoot, claim.Log).ToText();
}
