using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Probity.Ledger.Json;

/// <summary>The JSON Canonicalization Scheme, RFC 8785. Thread safe.</summary>
/// <remarks>
/// This is the scheme as it stands, over any I-JSON text: numbers are rounded to the nearest double (§3.2.2.3) and NUL
/// is a character. What enters the ledger is read by <see cref="JsonTape"/> instead, which refuses both.
/// </remarks>
public static class CanonicalJson
{
    private const int StackBytes = 512;

    /// <summary>Returns the canonical form of a text (RFC 8785 §3).</summary>
    /// <param name="json">UTF-8, at most <see cref="JsonLimits.DeepestMaxDepth"/> levels deep.</param>
    /// <exception cref="JsonRefusedException">
    /// The text is not JSON, names a member twice, has half of a surrogate pair, or a number beyond the largest double.
    /// </exception>
    public static byte[] Canonicalize(ReadOnlySpan<byte> json)
    {
        var tokens = JsonTape.Scan(json, JsonLimits.DeepestMaxDepth, isStrict: false, out var count);
        try
        {
            if (tokens[0].Has(TokenFlags.Canonical))
            {
                return tokens[0].Raw(json).ToArray();
            }

            var to = new ArrayBufferWriter<byte>(json.Length);
            new CanonicalWriter(to, json.Length).WriteTape(json, tokens.AsSpan(0, count), 0);
            return to.WrittenSpan.ToArray();
        }
        finally
        {
            ArrayPool<JsonToken>.Shared.Return(tokens);
        }
    }

    /// <summary>
    /// Whether a text is JSON in canonical form, byte for byte (RFC 8785 §3); false for what is no JSON.
    /// </summary>
    /// <param name="json">UTF-8, at most <see cref="JsonLimits.DeepestMaxDepth"/> levels deep.</param>
    public static bool IsCanonical(ReadOnlySpan<byte> json)
    {
        JsonToken[] tokens;
        try
        {
            tokens = JsonTape.Scan(json, JsonLimits.DeepestMaxDepth, isStrict: false, out _);
        }
        catch (JsonRefusedException)
        {
            return false;
        }

        var isCanonical = tokens[0].Has(TokenFlags.Canonical) && tokens[0].Length == json.Length;
        ArrayPool<JsonToken>.Shared.Return(tokens);
        return isCanonical;
    }

    /// <summary>Writes a string, quotes included (RFC 8785 §3.2.2.2).</summary>
    /// <exception cref="ArgumentException">The text has half of a surrogate pair.</exception>
    public static void WriteString(IBufferWriter<byte> to, ReadOnlySpan<char> text)
    {
        ArgumentNullException.ThrowIfNull(to);
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (length <= StackBytes)
        {
            Span<byte> few = stackalloc byte[StackBytes];
            WriteTranscoded(to, text, few);
            return;
        }

        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            WriteTranscoded(to, text, rented);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>Writes a string, quotes included (RFC 8785 §3.2.2.2).</summary>
    /// <param name="to">Where to.</param>
    /// <param name="unescapedUtf8">The text, without quotes and escapes.</param>
    /// <exception cref="ArgumentException">The text is not UTF-8.</exception>
    public static void WriteStringUtf8(IBufferWriter<byte> to, ReadOnlySpan<byte> unescapedUtf8)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (!Utf8.IsValid(unescapedUtf8))
        {
            throw new ArgumentException("The text is not UTF-8.", nameof(unescapedUtf8));
        }

        WriteValid(to, unescapedUtf8);
    }

    /// <summary>Writes a number as ECMAScript prints it (RFC 8785 §3.2.2.3).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is infinite or not a number.</exception>
    public static void WriteNumber(IBufferWriter<byte> to, double value)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), "JSON has finite numbers only.");
        }

        var writer = new CanonicalWriter(to, JsonNumber.MaxLength);
        writer.WriteNumber(value);
        writer.Flush();
    }

    private static void WriteTranscoded(IBufferWriter<byte> to, ReadOnlySpan<char> text, Span<byte> utf8)
    {
        if (Utf8.FromUtf16(text, utf8, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw new ArgumentException("The text has half of a surrogate pair.", nameof(text));
        }

        WriteValid(to, utf8[..length]);
    }

    private static void WriteValid(IBufferWriter<byte> to, ReadOnlySpan<byte> utf8)
    {
        var writer = new CanonicalWriter(to, utf8.Length + 2);
        writer.WriteString(utf8);
        writer.Flush();
    }
}
