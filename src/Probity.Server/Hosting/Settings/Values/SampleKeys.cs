using System.Text;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>
/// Recognises keys that are no secret: the ones printed in documentation and those typed instead of drawn. No key drawn
/// at random is refused in practice: the words are long, and 16 equal steps in 32 bytes do not happen.
/// </summary>
internal static class SampleKeys
{
    private const int LongestPeriod = 16;
    private const int LongestRun = 16;

    private static readonly string[] Words =
    [
        "your-secret", "your_secret", "yoursecret", "your-encryption", "your_encryption", "your-32", "your_32", "changeme",
        "change-me", "change_me", "change-this", "change_this", "replace-me", "replace_me", "replace-this", "replace_this",
        "example", "placeholder", "insert-your", "insert_your", "secret-key", "secret_key", "secretkey", "encryption-key",
        "encryption_key", "encryptionkey", "password", "super-secret", "supersecret", "development", "test-key", "test_key",
        "sample-key", "sample_key", "0123456789abcdef", "1234567890123456", "deadbeefdeadbeef",
    ];

    /// <summary>Why the text is no secret; null when nothing speaks against it.</summary>
    public static string? Recognise(string text)
    {
        var word = Array.Find(Words, w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
        return word is null ? null : $"it is a sample value from documentation (it contains '{word}')";
    }

    /// <summary>Why the bytes are no secret; null when nothing speaks against them.</summary>
    public static string? Recognise(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0 && !bytes.ContainsAnyExcept(bytes[0]))
        {
            return bytes[0] == 0 ? "all its bytes are zero" : "it is one byte repeated";
        }

        if (IsPeriodic(bytes))
        {
            return "it repeats a short pattern";
        }

        return HasLongRun(bytes) ? "it counts up or down instead of being random" : Recognise(Encoding.Latin1.GetString(bytes));
    }

    private static bool IsPeriodic(ReadOnlySpan<byte> bytes)
    {
        for (var period = 1; period <= Math.Min(LongestPeriod, bytes.Length / 2); period++)
        {
            if (bytes[period..].SequenceEqual(bytes[..^period]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasLongRun(ReadOnlySpan<byte> bytes)
    {
        var (run, step) = (1, 0);
        for (var i = 1; i < bytes.Length; i++)
        {
            var here = bytes[i] - bytes[i - 1];
            run = here is 1 or -1 && (here == step || run == 1) ? run + 1 : 1;
            step = here;
            if (run >= LongestRun)
            {
                return true;
            }
        }

        return false;
    }
}
