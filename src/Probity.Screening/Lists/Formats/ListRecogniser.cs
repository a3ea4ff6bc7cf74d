using System.Text;
using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;

namespace Probity.Screening.Lists.Formats;

/// <summary>What a file is found to be.</summary>
/// <param name="Format">The format.</param>
/// <param name="OfacRole">The part in an OFAC set, else null.</param>
internal readonly record struct Recognised(ListFormat Format, OfacRole? OfacRole = null);

/// <summary>Finds the format of a file from its content; names do not matter.</summary>
internal static partial class ListRecogniser
{
    private static readonly string[] s_oldXml = ["sdnList", "ArrayOfFinancialSanctionsTarget", "Sanctions", "WHOLE"];

    /// <summary>Finds the format.</summary>
    /// <exception cref="ListFormatException">No reader knows the content, or the file cannot be opened.</exception>
    public static Recognised Find(ListFile file, ListLimits limits)
    {
        var head = Encoding.Latin1.GetString(file.Inspect(limits).Head);
        var text = head.StartsWith("ï»¿", StringComparison.Ordinal) ? head[3..] : head;
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty)
        {
            throw Fault(file, "The file is empty.", "Download it again.");
        }

        return start[0] switch
        {
            '<' => Xml(file, text),
            '{' => Json(file, text),
            _ => Table(file, text),
        };
    }

    private static Recognised Xml(ListFile file, string text)
    {
        var root = RootPattern().Match(text);
        var name = root.Groups["name"].Value;
        return name switch
        {
            "CONSOLIDATED_LIST" => new Recognised(ListFormat.UnXml),
            "sanctionsData" => new Recognised(ListFormat.OfacEnhancedXml),
            "Designations" => new Recognised(ListFormat.UkSanctionsXml),
            "export" => new Recognised(ListFormat.EuFsfXml),
            _ when name.Equals("html", StringComparison.OrdinalIgnoreCase) => throw Fault(file,
                "The file is a web page.",
                    "The download was answered by a login, consent or error page: open the address."),
            _ when s_oldXml.Contains(name, StringComparer.Ordinal) => throw Fault(file,
                $"The XML <{name}> is an older format.",
                    "Take the publisher's current format (OFAC: Enhanced XML or CSV)."),
            _ => throw Fault(file, "No list is known that begins like this.", "Check that it is a list we read."),
        };
    }

    private static Recognised Json(ListFile file, string text)
    {
        var line = text[..(text.IndexOf('\n', StringComparison.Ordinal) is var end && end < 0 ? text.Length : end)];
        if (line.Contains("\"schema\"", StringComparison.Ordinal)
            && line.Contains("\"properties\"", StringComparison.Ordinal))
        {
            return new Recognised(ListFormat.FtmJsonLines);
        }

        return text.Contains("\"entries\"", StringComparison.Ordinal)
            ? new Recognised(ListFormat.OwnJson)
            : throw Fault(file, "The JSON is neither an own list nor FollowTheMoney.", "Give it an array \"entries\".");
    }

    private static Recognised Table(ListFile file, string text)
    {
        var first = Row(text, 0, ',');
        var second = Row(text, 1, ',');
        if (OfacCsv.RoleOf(first, second) is { } role)
        {
            return new Recognised(ListFormat.OfacCsv, role);
        }

        if (Header(first, second) is { } format)
        {
            return new Recognised(format);
        }

        return WalletLines.Fits(text.Split('\n').Select(line => line.Trim()))
            ? new Recognised(ListFormat.WalletLines)
            : throw Fault(file, "No list is known with such a first line.", "Check that it is a list we read.");
    }

    private static ListFormat? Header(IReadOnlyList<string> first, IReadOnlyList<string> second)
    {
        bool Has(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (!first.Contains(name, StringComparer.OrdinalIgnoreCase)
                    && !second.Contains(name, StringComparer.OrdinalIgnoreCase))
                {
                    return false;
                }
            }

            return true;
        }

        var line = string.Join(',', first);
        return Has("Group ID", "Name 6") ? ListFormat.UkConListCsv
            : Has("Unique ID", "Name 6") ? ListFormat.UkSanctionsCsv
            : Has("_id", "source", "alt_names") ? ListFormat.UsCslCsv
            : line.Contains("Street_Address", StringComparison.Ordinal) && line.Contains('\t', StringComparison.Ordinal)
                ? ListFormat.BisDplTsv
            : line.Contains("Entity_LogicalId;", StringComparison.OrdinalIgnoreCase)
                || line.Contains("Entity_logical_id;", StringComparison.Ordinal) ? ListFormat.EuFsfCsv
            : first.Contains("id", StringComparer.OrdinalIgnoreCase)
                && first.Contains("name", StringComparer.OrdinalIgnoreCase)
                ? ListFormat.OwnCsv
            : null;
    }

    // Rows of the head only, so quotes that do not end and lines cut at 64 KiB do no harm.
    private static string[] Row(string text, int number, char separator)
    {
        var lines = text.Split('\n', number + 2);
        var line = number < lines.Length ? lines[number].TrimEnd('\r') : "";
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        foreach (var character in line)
        {
            if (character == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (character == separator && !isQuoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
            {
                field.Append(character);
            }
        }

        fields.Add(field.ToString().Trim());
        return [.. fields];
    }

    private static ListFormatException Fault(ListFile file, string problem, string remedy) =>
        new(new ListFault(ListFaultKind.UnknownFormat, file.Name, null, null, problem, remedy));

    [GeneratedRegex(@"<(?:[A-Za-z_][\w.-]*:)?(?<name>[A-Za-z_][\w.-]*)", RegexOptions.CultureInvariant)]
    private static partial Regex RootPattern();
}
