using System.Buffers.Text;
using System.Globalization;

namespace Probity.Ledger.Entries;

/// <summary>
/// Instants as the ledger keeps them: whole microseconds since 1970-01-01T00:00:00Z, written as RFC 3339 in UTC with
/// exactly six decimals.
/// </summary>
public static class Timestamp
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    /// <summary>Whole microseconds since the epoch; anything finer is cut off.</summary>
    public static long ToMicros(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TicksPerMicrosecond;

    /// <summary>The instant of a microsecond count.</summary>
    public static DateTimeOffset FromMicros(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(micros * TicksPerMicrosecond);

    /// <summary>Writes <see cref="EntryFormat.TimestampLength"/> ASCII bytes.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Write(long micros, Span<byte> destination)
    {
        // "O" on a UTC DateTime has seven decimals; the seventh is always 0 here and gives its place to the Z.
        Span<byte> full = stackalloc byte[28];
        if (destination.Length < EntryFormat.TimestampLength
            || !Utf8Formatter.TryFormat(FromMicros(micros).UtcDateTime, full, out _, 'O'))
        {
            throw new ArgumentException("A timestamp needs 27 bytes.", nameof(destination));
        }

        full[..26].CopyTo(destination);
        destination[26] = (byte)'Z';
    }

    /// <summary>The 27-character text of a microsecond count.</summary>
    public static string ToText(long micros)
    {
        Span<byte> text = stackalloc byte[EntryFormat.TimestampLength];
        Write(micros, text);
        return System.Text.Encoding.ASCII.GetString(text);
    }

    /// <summary>
    /// Reads an RFC 3339 date-time with any offset and up to seven decimals. Everything else, a date alone or a time
    /// without an offset included, is not a timestamp. Source: RFC 3339 §5.6.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (text.Length is < 20 or > 33 || text[10] is not ('T' or 't') || !EndsWithOffset(text))
        {
            return false;
        }

        if (!DateTimeOffset.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return false;
        }

        micros = ToMicros(at);
        return true;
    }

    private static readonly string[] s_formats =
        ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-ddtHH:mm:ss.FFFFFFFK"];

    private static bool EndsWithOffset(ReadOnlySpan<char> text) =>
        text[^1] is 'Z' or 'z' || (text[^6] is '+' or '-' && text[^3] == ':');
}
