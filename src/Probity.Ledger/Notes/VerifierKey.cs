using System.Buffers.Binary;
using System.Globalization;
using NSec.Cryptography;
using Sha256 = Probity.Ledger.Merkle.Sha256;

namespace Probity.Ledger.Notes;

/// <summary>
/// The public half of a key that signs notes, with its name and its kind of signature: a "vkey". Equal when the text
/// form is equal. Immutable and thread safe. Source: C2SP signed-note, Verifier keys.
/// </summary>
public sealed class VerifierKey : IEquatable<VerifierKey>
{
    /// <summary>Signature type of Ed25519 over the note text: 0x01.</summary>
    public const byte Ed25519Note = 0x01;

    /// <summary>Signature type of the timestamped Ed25519 cosignature of a checkpoint: 0x04.</summary>
    public const byte Ed25519Cosignature = 0x04;

    /// <summary>The most characters of a text form; room for the post-quantum keys of today.</summary>
    public const int MaxChars = 16 * 1024;

    private const int Ed25519KeyBytes = 32;
    private const int Ed25519SignatureBytes = 64;
    private const int KeyIdHexChars = 8;

    private readonly byte[] _typedKey;
    private readonly PublicKey? _ed25519;
    private readonly string _text;

    private VerifierKey(string name, uint keyId, byte[] typedKey, PublicKey? ed25519)
    {
        Name = name;
        KeyId = keyId;
        _typedKey = typedKey;
        _ed25519 = ed25519;
        _text = string.Create(CultureInfo.InvariantCulture, $"{name}+{keyId:x8}+{Convert.ToBase64String(typedKey)}");
    }

    /// <summary>The key name that stands in its signature lines.</summary>
    public string Name { get; }

    /// <summary>The key id that stands in its signature lines.</summary>
    public uint KeyId { get; }

    /// <summary>The kind of signature the key makes, as numbered by signed-note.</summary>
    public byte SignatureType => _typedKey[0];

    /// <summary>The public key, encoded as its type says; 32 bytes for types 0x01 and 0x04.</summary>
    public ReadOnlySpan<byte> PublicKey => _typedKey.AsSpan(1);

    /// <summary>
    /// Whether signatures of this key can be verified here: types 0x01 and 0x04. Keys of other types are carried but
    /// count as unknown, so their signatures are neither believed nor a reason to refuse.
    /// </summary>
    public bool IsSupported => _ed25519 is not null;

    /// <summary>Reads a key from its text form, strictly.</summary>
    /// <exception cref="NoteFormatException">
    /// <c>vkey.malformed</c>: not name, eight lower-case hex digits and base64, joined by plus; <c>vkey.key_id</c>: the
    /// id is not that of this name and key; <c>vkey.public_key</c>: the key has the wrong length or is no usable point.
    /// </exception>
    public static VerifierKey Parse(string vkey)
    {
        ArgumentNullException.ThrowIfNull(vkey);
        var text = vkey.AsSpan();
        var first = text.IndexOf('+');
        var second = first + 1 + KeyIdHexChars;
        if (first < 0 || vkey.Length > MaxChars || text.Length <= second || text[second] != '+'
            || !Canonical.IsKeyName(text[..first])
            || !TryKeyId(text[(first + 1)..second], out var keyId)
            || !Canonical.TryBase64(text[(second + 1)..], out var typedKey) || typedKey.Length < 2)
        {
            throw new NoteFormatException("vkey.malformed",
                "A verifier key is a name, eight lower-case hexadecimal digits and base64, joined by plus signs.");
        }

        return Create(text[..first].ToString(), keyId, typedKey);
    }

    /// <summary>The key for Ed25519 signatures over the note text, type 0x01.</summary>
    /// <exception cref="NoteFormatException">The name or the 32 bytes of the key cannot be used.</exception>
    public static VerifierKey Ed25519(string name, ReadOnlySpan<byte> publicKey) =>
        Create(name, Ed25519Note, publicKey);

    /// <summary>The key for timestamped Ed25519 cosignatures of checkpoints, type 0x04.</summary>
    /// <exception cref="NoteFormatException">The name or the 32 bytes of the key cannot be used.</exception>
    public static VerifierKey Cosignature(string name, ReadOnlySpan<byte> publicKey) =>
        Create(name, Ed25519Cosignature, publicKey);

    /// <summary>The text form: name, key id and typed public key, joined by plus signs.</summary>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public bool Equals(VerifierKey? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifierKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// The one place where an Ed25519 signature is checked. As libsodium does, it refuses keys and R of small order and
    /// every encoding of key, R or S that is not canonical, so that a signature has one form only.
    /// </summary>
    internal bool VerifiesEd25519(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _ed25519 is not null && signature.Length == Ed25519SignatureBytes
        && SignatureAlgorithm.Ed25519.Verify(_ed25519, message, signature);

    private static VerifierKey Create(string name, byte type, ReadOnlySpan<byte> publicKey)
    {
        if (!Canonical.IsKeyName(name))
        {
            throw new NoteFormatException("vkey.malformed", "A key name is not empty and has no white space or plus.");
        }

        byte[] typedKey = [type, .. publicKey];
        return Create(name, ComputeKeyId(name, typedKey), typedKey);
    }

    private static VerifierKey Create(string name, uint keyId, byte[] typedKey)
    {
        if (typedKey[0] is not (Ed25519Note or Ed25519Cosignature))
        {
            return new VerifierKey(name, keyId, typedKey, null);
        }

        if (typedKey.Length != 1 + Ed25519KeyBytes
            || !NSec.Cryptography.PublicKey.TryImport(
                SignatureAlgorithm.Ed25519, typedKey.AsSpan(1), KeyBlobFormat.RawPublicKey, out var ed25519))
        {
            throw new NoteFormatException("vkey.public_key", "An Ed25519 public key is 32 bytes of a usable point.");
        }

        if (ComputeKeyId(name, typedKey) != keyId)
        {
            throw new NoteFormatException("vkey.key_id", "The key id is not that of this name and this public key.");
        }

        return new VerifierKey(name, keyId, typedKey, ed25519);
    }

    // Source: C2SP signed-note, Signatures: SHA-256(name || 0x0A || signature type || public key)[:4].
    private static uint ComputeKeyId(string name, ReadOnlySpan<byte> typedKey)
    {
        var hash = Sha256.Hash([.. Canonical.Utf8.GetBytes(name), (byte)'\n', .. typedKey]);
        return BinaryPrimitives.ReadUInt32BigEndian(hash.Bytes);
    }

    private static bool TryKeyId(ReadOnlySpan<char> hex, out uint keyId)
    {
        foreach (var digit in hex)
        {
            if (!char.IsAsciiHexDigitLower(digit))
            {
                keyId = 0;
                return false;
            }
        }

        return uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out keyId);
    }
}
