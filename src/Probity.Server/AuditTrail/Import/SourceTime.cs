using System.Globalization;
using System.Text.RegularExpressions;

namespace Probity.Server.AuditTrail.Import;

/// <summary>Reads the times of foreign logs and writes them as RFC 3339 in UTC, to the microsecond at most.</summary>
/// <remarks>
/// Strict on purpose: a time that is nearly right (<c>2025-10-21TT00:52:27Z</c>) is refused, never guessed.
/// Digits below the microsecond are cut off; they stay in the original text. Source: RFC 3339 §5.6, with a space for
/// the <c>T</c> (its note) and an absent offset as Windows and Okta write them.
/// </remarks>
internal static partial class SourceTime
{
    // 2100-01-01: an epoch in milliseconds beyond it is a mistake (microseconds, say), and below it seconds are not.
    private const long LatestEpochMs = 4_102_444_800_000;
    private const long LatestEpochSeconds = 4_102_444_800;

    /// <summary>Reads a written time; <paramref name="zoneAssumed"/> says that it had no offset and UTC was taken.</summary>
    public static bool TryParse(string text, out string utc, out bool zoneAssumed)
    {
        (utc, zoneAssumed) = ("", false);
        var match = Shape().Match(text);
        if (!match.Success)
        {
            return false;
        }

        zoneAssumed = match.Groups["zone"].Length == 0;
        var fraction = match.Groups["fraction"].Value;
        var zone = zoneAssumed ? "Z" : match.Groups["zone"].Value.ToUpperInvariant();
        var written = $"{match.Groups["day"].Value}T{match.Groups["time"].Value}{(zone == "Z" ? "+00:00" : zone)}";
        if (!DateTimeOffset.TryParseExact(
                written, "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return false;
        }

        utc = Write(at, fraction);
        return true;
    }

    /// <summary>Reads an epoch time in milliseconds, or in seconds when it is small enough to be one.</summary>
    public static bool TryParseEpoch(long epoch, out string utc)
    {
        utc = "";
        if (epoch is <= 0 or > LatestEpochMs)
        {
            return false;
        }

        var ms = epoch <= LatestEpochSeconds ? epoch * 1000 : epoch;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(ms);
        utc = Write(at, (ms % 1000).ToString("000", CultureInfo.InvariantCulture));
        return true;
    }

    private static string Write(DateTimeOffset at, string fraction)
    {
        var seconds = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var kept = fraction[..Math.Min(6, fraction.Length)].TrimEnd('0');
        return kept.Length == 0 ? seconds + "Z" : $"{seconds}.{kept}Z";
    }

    [GeneratedRegex(
        @"\A(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]{1,9}))?(?<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();
}
