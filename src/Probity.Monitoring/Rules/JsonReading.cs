using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Ledger.Json;

namespace Probity.Monitoring.Rules;

/// <summary>Reads the parts of a rule document and refuses what does not fit, with the place and the fix.</summary>
internal static class JsonReading
{
    public static RuleRefusedException Refuse(this JsonItem item, string code, string message, string fix) =>
        new(item.Pointer, "monitoring." + code, message, fix);

    public static string Text(this JsonItem item, int longest = 200)
    {
        if (item.Kind != JsonValueKind.String)
        {
            throw item.Refuse("bad_type", "A text belongs here.", "Write it in double quotes.");
        }

        var text = item.GetString();
        return text.Length > 0 && text.Length <= longest
            ? text
            : throw item.Refuse("bad_length", "The text is empty or too long.", $"Write 1 to {longest} characters.");
    }

    public static bool Truth(this JsonItem item) => item.Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw item.Refuse("bad_type", "true or false belongs here.", "Write it without quotes."),
    };

    /// <summary>An exact decimal, as a number or as a text.</summary>
    public static decimal Exact(this JsonItem item)
    {
        var raw = item.Kind switch
        {
            JsonValueKind.Number => Encoding.UTF8.GetString(item.Raw),
            JsonValueKind.String => item.GetString(),
            _ => throw item.Refuse("bad_type", "A number belongs here.", "Write it as a number or a decimal text."),
        };
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return decimal.TryParse(raw, Plain, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw item.Refuse("bad_number", "This is no plain decimal number.",
                "Write digits with a point, no exponent.");
    }

    public static int Whole(this JsonItem item, int least, int most)
    {
        if (!item.TryGetInt64(out var value) || value < least || value > most)
        {
            throw item.Refuse(
                "bad_number", "The whole number is out of range.", $"Write a whole number from {least} to {most}.");
        }

        return (int)value;
    }

    public static DateOnly Day(this JsonItem item) =>
        DateOnly.TryParseExact(item.Text(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var day)
            ? day
            : throw item.Refuse("bad_date", "This is no date.", "Write it as 2026-01-31.");

    public static IReadOnlyList<string> Texts(this JsonItem item)
    {
        List<string> texts = [];
        foreach (var element in item.Elements(1, 1_000))
        {
            texts.Add(element.Text());
        }

        return texts;
    }

    public static IReadOnlyList<JsonItem> Elements(this JsonItem item, int least, int most)
    {
        if (item.Kind != JsonValueKind.Array)
        {
            throw item.Refuse("bad_type", "A list belongs here.", "Write it in square brackets.");
        }

        if (item.Count < least || item.Count > most)
        {
            throw item.Refuse(
                "bad_length", "The list has too few or too many elements.", $"Write {least} to {most} elements.");
        }

        List<JsonItem> elements = [];
        foreach (var element in item.EnumerateArray())
        {
            elements.Add(element);
        }

        return elements;
    }

    /// <summary>The members of an object, of which only the named ones are allowed.</summary>
    public static Dictionary<string, JsonItem> Members(this JsonItem item, params string[] allowed)
    {
        if (item.Kind != JsonValueKind.Object)
        {
            throw item.Refuse("bad_type", "An object belongs here.", "Write it in curly brackets.");
        }

        var members = new Dictionary<string, JsonItem>(StringComparer.Ordinal);
        foreach (var member in item.EnumerateObject())
        {
            var name = member.Name.GetString();
            if (allowed.Length > 0 && !allowed.Contains(name, StringComparer.Ordinal))
            {
                throw member.Value.Refuse(
                    "unknown_member", "This member is not known here.", Nearest(name, allowed));
            }

            members.Add(name, member.Value);
        }

        return members;
    }

    public static JsonItem Required(this Dictionary<string, JsonItem> members, JsonItem of, string name) =>
        members.TryGetValue(name, out var value)
            ? value
            : throw of.Refuse("missing_member", $"The member {name} is missing.", $"Add \"{name}\".");

    public static TValue Choice<TValue>(this JsonItem item, params (string Word, TValue Value)[] choices)
    {
        var text = item.Text();
        foreach (var (word, value) in choices)
        {
            if (word == text)
            {
                return value;
            }
        }

        throw item.Refuse("unknown_word", "This word is not known here.",
            Nearest(text, choices.Select(choice => choice.Word)));
    }

    /// <summary>Names what is allowed, the most alike first.</summary>
    public static string Nearest(string written, IEnumerable<string> allowed)
    {
        var words = allowed.OrderBy(word => EditDistance.Between(word, written)).ThenBy(word => word,
            StringComparer.Ordinal);
        return "Write one of: " + string.Join(", ", words.Take(12)) + ".";
    }
}

/// <summary>The least number of insertions, deletions and substitutions between two texts (Levenshtein 1966).</summary>
internal static class EditDistance
{
    public static int Between(string one, string other)
    {
        var row = new int[other.Length + 1];
        for (var j = 0; j <= other.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var substituted = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
