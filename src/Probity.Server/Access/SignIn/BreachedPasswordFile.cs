using System.Security.Cryptography;
using System.Text;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Breached passwords in <c>breached-passwords.txt</c> in the data folder: lines of upper-case SHA-1 in hex, sorted,
/// whatever follows on the line (the form in which they are published). It is searched in place, so its size does not
/// matter. Without the file only the few below are refused.
/// </summary>
/// <remarks>SHA-1 is how the lists are published; nothing is protected by it here.</remarks>
internal sealed class BreachedPasswordFile(ProbitySettings settings) : IBreachedPasswords
{
    public const string FileName = "breached-passwords.txt";
    private const int HashLength = 40;
    private const int MaxLine = 128;

    // Of the commonest that are long enough to pass the other rules.
    private static readonly HashSet<string> s_commonest = new(StringComparer.OrdinalIgnoreCase)
    {
        "123456789012", "1234567890123", "12345678901234", "123456789abc", "1q2w3e4r5t6y", "1qaz2wsx3edc", "abcdefghijkl",
        "administrator", "administrator1", "changeme1234", "changeme12345", "correcthorsebatterystaple", "iloveyou1234",
        "letmein12345", "password1234", "password12345", "password123456", "passwordpassword", "qwerty123456", "qwertyuiop12",
        "qwertyuiop123", "qwertyuiopasdfghjkl", "qwertyuiopasdfghjklzxcvbnm", "welcome12345", "welcome123456",
    };

    private readonly string _path = Path.Combine(settings.DataDir, FileName);

    public async Task<bool> ContainsAsync(string password, CancellationToken cancellationToken)
    {
        if (s_commonest.Contains(password))
        {
            return true;
        }

        if (!File.Exists(_path))
        {
            return false;
        }

#pragma warning disable CA5350 // See the remarks.
        var wanted = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
#pragma warning restore CA5350
        await using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, useAsync: true);
        return await FindAsync(file, wanted, cancellationToken);
    }

    /// <summary>Halves the file by bytes, each time at the next start of a line.</summary>
    private static async Task<bool> FindAsync(FileStream file, string wanted, CancellationToken cancellationToken)
    {
        var (low, high) = (0L, file.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var (start, line) = await LineFromAsync(file, middle, cancellationToken);
            var order = line.Length < HashLength ? 1 : string.CompareOrdinal(line[..HashLength], wanted);
            if (order == 0)
            {
                return true;
            }

            if (order > 0)
            {
                high = middle;
            }
            else
            {
                low = start + line.Length + 1;
            }
        }

        return false;
    }

    private static async Task<(long Start, string Line)> LineFromAsync(FileStream file, long at, CancellationToken cancellationToken)
    {
        var buffer = new byte[2 * MaxLine];
        var from = Math.Max(0, at - 1);
        file.Position = from;
        var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var text = Encoding.ASCII.GetString(buffer, 0, length);
        var start = at == 0 ? 0 : text.IndexOf('\n', StringComparison.Ordinal) + 1;
        if (at > 0 && start == 0)
        {
            return (from + length, "");
        }

        var end = text.IndexOf('\n', start);
        return (from + start, end < 0 ? text[start..] : text[start..end]);
    }
}
