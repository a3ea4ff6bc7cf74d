namespace Probity.Ledger.Notes;

/// <summary>
/// Signs note texts with Ed25519 over the text itself (type 0x01), as a log signs its checkpoints. Deterministic: one
/// text has one signature. Thread safe. Source: C2SP signed-note, Ed25519 signatures.
/// </summary>
public sealed class NoteSigner : IDisposable
{
    private readonly Ed25519Key _key;

    private NoteSigner(string name, Ed25519Key key)
    {
        _key = key;
        Key = VerifierKey.Ed25519(name, key.PublicKey);
    }

    /// <summary>The key that verifies what this signer signs.</summary>
    public VerifierKey Key { get; }

    /// <summary>A signer from the 32-byte seed of RFC 8032; the seed is copied into guarded memory.</summary>
    /// <exception cref="ArgumentException">The seed is not 32 bytes.</exception>
    /// <exception cref="NoteFormatException"><c>vkey.malformed</c>: the name may not stand in a note.</exception>
    public static NoteSigner FromSeed(string name, ReadOnlySpan<byte> seed)
    {
        ArgumentNullException.ThrowIfNull(name);
        var key = Ed25519Key.FromSeed(seed);
        try
        {
            return new NoteSigner(name, key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The whole note: the text, a blank line and this signer's line.</summary>
    /// <exception cref="NoteFormatException">
    /// The text may not be signed, for example for want of a final newline.
    /// </exception>
    public string Sign(string text) => SignedNote.Create(text, [SignText(text)]).ToString();

    /// <summary>This signer's line for a text, to be added to a note that others sign too.</summary>
    /// <exception cref="NoteFormatException">The text may not be signed.</exception>
    public NoteSignature SignText(string text)
    {
        SignedNote.RefuseUnsignable(text);
        Span<byte> signature = stackalloc byte[Ed25519Key.SignatureBytes];
        _key.Sign(Canonical.Utf8.GetBytes(text), signature);
        return new NoteSignature(Key.Name, Key.KeyId, signature);
    }

    /// <summary>Wipes the private key; signing afterwards throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _key.Dispose();
}
