using System.Runtime.InteropServices;

namespace Probity.Ledger.Json;

internal enum TokenKind : byte
{
    Null,
    False,
    True,
    Number,
    String,
    Name,
    Array,
    Object,
}

[Flags]
internal enum TokenFlags : byte
{
    None = 0,

    /// <summary>The string or name has at least one backslash.</summary>
    Escaped = 1,

    /// <summary>The raw bytes are what RFC 8785 prints for the value.</summary>
    Canonical = 2,

    /// <summary>The number is spelled with digits only and at most 16 of them.</summary>
    Integer = 4,
}

/// <summary>
/// One value or member name on the tape. A name is followed at once by its value, an array or object by its content.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct JsonToken
{
    /// <summary>
    /// Offset of the first byte, which is the quote of a string and the bracket of an array or object.
    /// </summary>
    public int Start;

    /// <summary>Number of raw bytes, quotes and brackets included.</summary>
    public int Length;

    /// <summary>Index of the token after this one and its content. While open: index of the parent, or -1.</summary>
    public int Next;

    /// <summary>
    /// Array: number of elements. Object: index of the member name that is first in canonical order, or 0.
    /// Name: index of the name that follows in canonical order, or 0. While open: values begun.
    /// </summary>
    public int Link;

    public TokenKind Kind;

    public TokenFlags Flags;

    public readonly bool Has(TokenFlags flag) => (Flags & flag) != 0;

    public readonly ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> json) => json.Slice(Start, Length);

    /// <summary>The bytes between the quotes of a string or name.</summary>
    public readonly ReadOnlySpan<byte> Content(ReadOnlySpan<byte> json) => json.Slice(Start + 1, Length - 2);
}
