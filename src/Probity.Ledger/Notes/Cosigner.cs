using System.Buffers.Binary;

namespace Probity.Ledger.Notes;

/// <summary>
/// Cosigns checkpoints with a time, as a witness does (type 0x04). It signs what it is given: that the checkpoint
/// extends the last one it cosigned is for the caller to know. Thread safe. Source: C2SP tlog-cosignature.
/// </summary>
public sealed class Cosigner : IDisposable
{
    private readonly Ed25519Key _key;

    private Cosigner(string name, Ed25519Key key)
    {
        _key = key;
        Key = VerifierKey.Cosignature(name, key.PublicKey);
    }

    /// <summary>The key that verifies what this cosigner signs.</summary>
    public VerifierKey Key { get; }

    /// <summary>
    /// A cosigner from the 32-byte seed of RFC 8032. The signed message does not name the cosigner, so a seed belongs
    /// to one name only, and never to a log as well.
    /// </summary>
    /// <exception cref="ArgumentException">The seed is not 32 bytes.</exception>
    /// <exception cref="NoteFormatException"><c>vkey.malformed</c>: the name may not stand in a note.</exception>
    public static Cosigner FromSeed(string name, ReadOnlySpan<byte> seed)
    {
        ArgumentNullException.ThrowIfNull(name);
        var key = Ed25519Key.FromSeed(seed);
        try
        {
            return new Cosigner(name, key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The cosignature line for a checkpoint's text at a time, in seconds since 1970-01-01 UTC.</summary>
    /// <exception cref="NoteFormatException">The text is not a checkpoint.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public NoteSignature Cosign(string checkpointText, long unixSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(unixSeconds);
        _ = Checkpoint.Parse(checkpointText);
        Span<byte> signature = stackalloc byte[Cosignature.TimestampBytes + Ed25519Key.SignatureBytes];
        BinaryPrimitives.WriteInt64BigEndian(signature, unixSeconds);
        var message = Cosignature.Message(unixSeconds, Canonical.Utf8.GetBytes(checkpointText));
        _key.Sign(message, signature[Cosignature.TimestampBytes..]);
        return new NoteSignature(Key.Name, Key.KeyId, signature);
    }

    /// <summary>Wipes the private key; cosigning afterwards throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _key.Dispose();
}
