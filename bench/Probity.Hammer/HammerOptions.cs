using System.Globalization;

namespace Probity.Hammer;

/// <summary>The command line: a mode and named values, each read once within its bounds.</summary>
internal sealed class HammerOptions
{
    private readonly Dictionary<string, string> _values;

    private HammerOptions(string mode, Dictionary<string, string> values) => (Mode, _values) = (mode, values);

    public string Mode { get; }

    public static HammerOptions Parse(string[] args)
    {
        if (args.Length == 0 || args.Length % 2 == 0)
        {
            throw new UsageException("Give a mode, then options that each have a value.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || !values.TryAdd(args[i][2..], args[i + 1]))
            {
                throw new UsageException($"'{args[i]}' is not an option, or comes twice.");
            }
        }

        return new HammerOptions(args[0], values);
    }

    /// <summary>The values as given, for the report.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public string Required(string name) => Text(name) ?? throw new UsageException($"--{name} is missing.");

    public bool Flag(string name) => Text(name) is "true";

    public int Number(string name, int otherwise, int most)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= most
            ? number
            : throw new UsageException($"--{name} is a number from 1 to {most}.");
    }

    /// <summary>A range such as <c>50-1500</c>.</summary>
    public (int From, int To) Range(string name, int from, int to, int most)
    {
        var parts = Text(name)?.Split('-');
        if (parts is null)
        {
            return (from, to);
        }

        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out from)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out to)
            && from >= 1 && from <= to && to <= most
            ? (from, to)
            : throw new UsageException($"--{name} is FROM-TO, each from 1 to {most}.");
    }
}
