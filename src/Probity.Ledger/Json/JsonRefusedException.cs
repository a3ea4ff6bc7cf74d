using System.Diagnostics.CodeAnalysis;

namespace Probity.Ledger.Json;

/// <summary>
/// A JSON text is refused. The message says what is wrong and what to do, and never quotes a value of the text.
/// </summary>
public sealed class JsonRefusedException : Exception
{
    /// <summary>Not JSON as RFC 8259 §2 to §7 defines it: comments and trailing commas included.</summary>
    public const string Syntax = "json.syntax";

    /// <summary>An object names a member twice, compared after unescaping (RFC 7493 §2.3).</summary>
    public const string DuplicateKey = "json.duplicate_key";

    /// <summary>U+0000 in a string or a name, raw or as an escape.</summary>
    public const string Nul = "json.nul";

    /// <summary>A number that an IEEE 754 double does not hold exactly as it is written (RFC 7493 §2.2).</summary>
    public const string UnsafeNumber = "json.unsafe_number";

    /// <summary>More levels than <see cref="JsonLimits.MaxDepth"/>.</summary>
    public const string Depth = "json.depth";

    /// <summary>More bytes than <see cref="JsonLimits.MaxBytes"/>.</summary>
    public const string Size = "json.size";

    /// <summary>
    /// Not Unicode text in UTF-8 (RFC 7493 §2.1): bytes that are not UTF-8, a byte order mark, or an escape that makes
    /// half of a surrogate pair.
    /// </summary>
    public const string Utf8 = "json.utf8";

    internal JsonRefusedException(string code, string pointer, long byteOffset, string message)
        : base(message)
    {
        Code = code;
        Pointer = pointer;
        ByteOffset = byteOffset;
    }

    /// <summary>Gets the stable code, one of the constants of this type.</summary>
    public string Code { get; }

    /// <summary>
    /// Gets the JSON Pointer (RFC 6901) to the value at fault, or to the innermost array or object around it when the
    /// fault lies between values; empty for the whole text.
    /// </summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The field's word: RFC 6901 calls it a JSON Pointer.")]
    public string Pointer { get; }

    /// <summary>Gets the offset of the fault in bytes from the start of the text.</summary>
    public long ByteOffset { get; }
}
