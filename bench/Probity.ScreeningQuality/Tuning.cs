using System.Globalization;
using Probity.Screening.Matching;

namespace Probity.ScreeningQuality;

/// <summary>Options by command line: <c>--set UnmatchedQuery=600</c>, <c>--set Persons=3400/4550</c>.</summary>
internal static class Tuning
{
    public static ScreeningOptions Options(string[] args)
    {
        var weights = new MatchWeights();
        var options = new ScreeningOptions();
        for (var i = 0; i + 1 < args.Length; i++)
        {
            if (args[i] == "--set")
            {
                var pair = args[i + 1].Split('=');
                var property = typeof(MatchWeights)
                    .GetProperty(pair[0]) ?? throw new ArgumentException($"No weight {pair[0]}.");
                var numbers = pair[1].Split('/')
                    .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
                property.SetValue(weights, numbers.Length == 2 ? new Calibration(numbers[0], numbers[1]) : numbers[0]);
            }
        }

        return options with { Weights = weights };
    }

    public static int Number(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, "--" + name) is var at and >= 0 ? int.Parse(args[at + 1],
            CultureInfo.InvariantCulture) : otherwise;
}

/// <summary>Prints examples.</summary>
internal static class Show
{
    public static void Some(string label, IEnumerable<Measured> rows, int count)
    {
        var all = rows.ToArray();
        foreach (var row in all.Where((_, i) => i % Math.Max(1, all.Length / count) == 0).Take(count))
        {
            Console.WriteLine($"     {label} [{row.Probe.Group}] {row.Probe.Query.Name} -> {row.Found} {row.Score} ({row.Probe.Target?.DisplayName})");
        }
    }
}
