using System.Buffers.Binary;

namespace Probity.Ledger.Notes;

/// <summary>
/// One signature line of a note: who says to have signed, with which key, and the signature, not yet verified.
/// Immutable. Source: C2SP signed-note, Signatures.
/// </summary>
public sealed class NoteSignature
{
    internal const string Prefix = "— ";

    private const int KeyIdBytes = sizeof(uint);

    private readonly byte[] _blob;

    private NoteSignature(string name, byte[] blob)
    {
        Name = name;
        _blob = blob;
    }

    internal NoteSignature(string name, uint keyId, ReadOnlySpan<byte> signature)
    {
        Name = name;
        _blob = new byte[KeyIdBytes + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(_blob, keyId);
        signature.CopyTo(_blob.AsSpan(KeyIdBytes));
    }

    /// <summary>The key name: a schema-less URL by custom; no white space, no plus.</summary>
    public string Name { get; }

    /// <summary>The key id, which with the name picks the verifier key. It is an identifier, not a safe hash.</summary>
    public uint KeyId => BinaryPrimitives.ReadUInt32BigEndian(_blob);

    /// <summary>The signature after the key id, at least one byte; its form depends on the key's type.</summary>
    public ReadOnlySpan<byte> Bytes => _blob.AsSpan(KeyIdBytes);

    /// <summary>Bytes that the line takes in a note, newline included.</summary>
    internal int LineBytes => Canonical.Utf8.GetByteCount(Prefix) + Canonical.Utf8.GetByteCount(Name) + 1
        + ((_blob.Length + 2) / 3 * 4) + 1;

    /// <summary>The line as it stands in the note, without the newline.</summary>
    public override string ToString() => $"{Prefix}{Name} {Convert.ToBase64String(_blob)}";

    /// <summary>Reads one signature line without its newline.</summary>
    /// <exception cref="NoteFormatException"><c>note.signature_line</c>: the line is malformed.</exception>
    internal static NoteSignature Parse(ReadOnlySpan<char> line)
    {
        var rest = line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : [];
        var space = rest.IndexOf(' ');
        if (space < 0 || !Canonical.IsKeyName(rest[..space])
            || !Canonical.TryBase64(rest[(space + 1)..], out var blob) || blob.Length <= KeyIdBytes)
        {
            throw new NoteFormatException("note.signature_line",
                "A signature line is an em dash, a space, a key name, a space and padded base64 of 5 bytes or more.");
        }

        return new NoteSignature(rest[..space].ToString(), blob);
    }
}
