using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Reads keys from text, and refuses the values people copy from documentation.</summary>
internal static class KeyText
{
    private const int RootKeyBytes = 32;

    /// <summary>At least 32 bytes, as hex or base64.</summary>
    public static Reading<KeyBytes> ReadSecret(string text)
    {
        if (SampleKeys.Recognise(text) is { } sample)
        {
            return Reading.Refuse<KeyBytes>(sample);
        }

        var bytes = FromHex(text) ?? FromBase64(text);
        if (bytes is null)
        {
            return Reading.Refuse<KeyBytes>("it is neither hex nor base64");
        }

        return bytes.Length < RootKeyBytes
            ? Reading.Refuse<KeyBytes>(string.Create(CultureInfo.InvariantCulture, $"it holds only {bytes.Length} bytes"))
            : Accept(bytes, null);
    }

    /// <summary>Exactly 32 bytes: 64 hex digits, base64, or raw text of exactly 32 bytes, tried in this order.</summary>
    public static Reading<KeyBytes> ReadRoot(string text)
    {
        if (SampleKeys.Recognise(text) is { } sample)
        {
            return Reading.Refuse<KeyBytes>(sample);
        }

        if (FromHex(text) is { Length: RootKeyBytes } hex)
        {
            return Accept(hex, null);
        }

        if (FromBase64(text) is { Length: RootKeyBytes } base64)
        {
            return Accept(base64, null);
        }

        var raw = Encoding.UTF8.GetBytes(text);
        if (raw.Length != RootKeyBytes)
        {
            return Reading.Refuse<KeyBytes>(string.Create(
                CultureInfo.InvariantCulture, $"its {raw.Length} bytes of text are not 32 bytes in any of the three forms"));
        }

        return Accept(raw, text.All(char.IsAsciiHexDigit)
            ? "32 hex digits are taken as raw text: they hold 128 random bits, not 256. Use 64 hex digits for a new key"
            : null);
    }

    private static Reading<KeyBytes> Accept(byte[] bytes, string? caution) => SampleKeys.Recognise(bytes) is { } sample
        ? Reading.Refuse<KeyBytes>(sample)
        : Reading.Of(new KeyBytes(bytes) { Caution = caution });

    private static byte[]? FromHex(string text) =>
        text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;

    private static byte[]? FromBase64(string text)
    {
        var url = text.TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return url.Length > 0 && url.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && Base64Url.IsValid(url)
            ? Base64Url.DecodeFromChars(url)
            : null;
    }
}
