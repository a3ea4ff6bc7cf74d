namespace Probity.Ledger.Notes;

/// <summary>Decides whether a note is signed by keys that are known. Pure and thread safe.</summary>
public static class NoteVerification
{
    /// <summary>
    /// Verifies every signature line whose name and key id are those of a known key, also a repeated one; the others
    /// are ignored, as are those of key types that are not supported. One failing signature of a known key refuses the
    /// whole note. Cosignature keys accept only texts that are checkpoints. Source: C2SP signed-note, Signatures;
    /// tlog-cosignature.
    /// </summary>
    public static NoteVerdict Verify(SignedNote note, IReadOnlyList<VerifierKey> knownKeys)
    {
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(knownKeys);
        var text = Canonical.Utf8.GetBytes(note.Text);
        var verified = new List<VerifiedSignature>();
        foreach (var signature in note.Signatures)
        {
            var keys = knownKeys.Where(k => k.IsSupported && k.KeyId == signature.KeyId && k.Name == signature.Name)
                .Distinct().ToArray();
            if (keys.Length > 1)
            {
                return Refuse("note.ambiguous_key", "Two different known keys share name and id", signature);
            }

            if (keys.Length == 1)
            {
                if (Check(keys[0], note.Text, text, signature) is not { } good)
                {
                    return Refuse("note.invalid_signature", "The signature of a known key fails", signature);
                }

                verified.Add(good);
            }
        }

        return verified.Count > 0
            ? new NoteVerdict.Verified(verified)
            : new NoteVerdict.Refused("note.no_known_signature", "No known key has signed the note.");
    }

    private static VerifiedSignature? Check(VerifierKey key, string text, byte[] utf8, NoteSignature signature)
    {
        if (key.SignatureType == VerifierKey.Ed25519Note)
        {
            return key.VerifiesEd25519(utf8, signature.Bytes) ? new VerifiedSignature(key, null) : null;
        }

        return Checkpoint.TryParse(text, out _) && Cosignature.Verifies(key, utf8, signature.Bytes, out var unixSeconds)
            ? new VerifiedSignature(key, unixSeconds)
            : null;
    }

    private static NoteVerdict.Refused Refuse(string code, string reason, NoteSignature signature) =>
        new(code, $"{reason}: {signature.Name}+{signature.KeyId:x8}.");
}
