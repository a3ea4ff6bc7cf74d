using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Probity.Ledger.Merkle;

namespace Probity.Ledger.Notes;

/// <summary>
/// Reads values that have exactly one spelling. A second spelling of the same value would let two different texts
/// pass for one note or one proof, so it is refused rather than tolerated.
/// </summary>
internal static class Canonical
{
    /// <summary>UTF-8 that throws instead of putting U+FFFD in the place of what it cannot read.</summary>
    public static UTF8Encoding Utf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const int DigestChars = 44;

    private static readonly SearchValues<char> s_base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    /// <summary>
    /// Reads padded standard base64 (RFC 4648 §4) without white space and with zero bits in its last digit's unused
    /// places; false for everything else, the empty text included.
    /// </summary>
    public static bool TryBase64(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length == 0 || text.Length % 4 != 0 || text.ContainsAnyExcept(s_base64))
        {
            return false;
        }

        var buffer = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64Chars(text, buffer, out var written))
        {
            return false;
        }

        // The runtime lets unused bits pass; writing the value again shows whether this was its one spelling.
        var decoded = buffer.AsSpan(0, written);
        if (!text.SequenceEqual(Convert.ToBase64String(decoded)))
        {
            return false;
        }

        bytes = decoded.ToArray();
        return true;
    }

    /// <summary>Reads a SHA-256 value written as 44 characters of base64.</summary>
    public static bool TryDigest(ReadOnlySpan<char> text, out Digest digest)
    {
        if (text.Length != DigestChars || !TryBase64(text, out var bytes) || bytes.Length != Digest.Length)
        {
            digest = default;
            return false;
        }

        digest = Digest.From(bytes);
        return true;
    }

    /// <summary>Reads ASCII decimal digits without sign or leading zero, up to 2^63 − 1.</summary>
    public static bool TryDecimal(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return text.Length is > 0 and <= 19
            && !text.ContainsAnyExceptInRange('0', '9')
            && (text[0] != '0' || text.Length == 1)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>
    /// Whether a name may stand in a signature line: not empty, no Unicode white space, no plus, no control character,
    /// no half of a surrogate pair. Source: C2SP signed-note, Format.
    /// </summary>
    public static bool IsKeyName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty)
        {
            return false;
        }

        foreach (var character in name)
        {
            if (character is < ' ' or '+' || char.IsWhiteSpace(character))
            {
                return false;
            }
        }

        return IsWellFormed(name);
    }

    /// <summary>Whether every surrogate has its partner, so that the text has a UTF-8 form.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }
}
