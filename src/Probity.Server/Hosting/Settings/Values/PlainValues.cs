using System.Globalization;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Readers of values that need no type of their own.</summary>
internal static class PlainValues
{
    public static Reading<decimal> ReadFraction(string text)
    {
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        if (!decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var value))
        {
            return Reading.Refuse<decimal>("it is not a decimal number written with a point");
        }

        return value is >= 0 and <= 1 ? Reading.Of(value) : Reading.Refuse<decimal>("it lies outside 0 to 1");
    }

    public static Reading<string> ReadCountry(string text) =>
        text.Length == 2 && text.All(char.IsAsciiLetterUpper)
            ? Reading.Of(text)
            : Reading.Refuse<string>("it is not two capital letters");

    public static Reading<bool> ReadSwitch(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" => Reading.Of(true),
        "false" or "0" => Reading.Of(false),
        _ => Reading.Refuse<bool>("it is none of true, false, 1, 0"),
    };

    public static Reading<string> ReadToken(string text) =>
        text.Length is > 0 and <= 200 && text.All(static c => c is > ' ' and <= '~')
            ? Reading.Of(text)
            : Reading.Refuse<string>("it is not 1 to 200 printable ASCII characters without spaces");

    public static Reading<string> ReadLabel(string text) =>
        text.Length is > 0 and <= 40 && !text.Any(char.IsControl)
            ? Reading.Of(text)
            : Reading.Refuse<string>("it is not 1 to 40 characters without control characters");

    public static Reading<T> ReadChoice<T>(string text)
        where T : struct, Enum
    {
        foreach (var choice in Enum.GetValues<T>())
        {
            if (string.Equals(choice.ToString(), text, StringComparison.OrdinalIgnoreCase))
            {
                return Reading.Of(choice);
            }
        }

        return Reading.Refuse<T>("it is none of the words allowed");
    }

    public static Reading<string> ReadFolder(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return Reading.Refuse<string>("it contains a NUL character");
        }

        var path = Path.GetFullPath(text);
        return File.Exists(path)
            ? Reading.Refuse<string>("it is a file, not a folder")
            : Reading.Of(path);
    }

    public static Reading<TimeZoneInfo> ReadTimeZone(string text) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone)
            ? Reading.Of(zone)
            : Reading.Refuse<TimeZoneInfo>("this machine knows no zone of that name (is the tzdata package installed?)");
}
