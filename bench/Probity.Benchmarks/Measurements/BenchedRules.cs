using System.Text.Json;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// The rules that speed is stated for: of the shipped ones that look at an account in the US, as all accounts of the
/// generated worlds are, the forty that may cost most. The others are withdrawn.
/// </summary>
internal static class BenchedRules
{
    /// <summary>How many rules are in force.</summary>
    public const int Count = 40;

    /// <summary>The names of the shipped rules that are not in force.</summary>
    public static IReadOnlyList<string> Withdrawn()
    {
        var all = RulePack.Compile(RulePack.Book()).Rules;
        var kept = all.Where(rule => rule.Jurisdiction is "*" or "US")
            .OrderByDescending(rule => rule.Cost).ThenBy(rule => rule.Name, StringComparer.Ordinal)
            .Take(Count).Select(rule => rule.Name).ToHashSet(StringComparer.Ordinal);
        return [.. all.Select(rule => rule.Name).Where(name => !kept.Contains(name))];
    }

    /// <summary>The rules in force, compiled.</summary>
    /// <exception cref="InvalidOperationException">One of them needs one that is withdrawn.</exception>
    public static RuleSet Compile()
    {
        var withdrawn = Withdrawn().ToHashSet(StringComparer.Ordinal);
        var kept = RulePack.Documents().Where(document => !withdrawn.Contains(NameOf(document)));
        return RuleSet.Compile(kept, RulePack.Book()) switch
        {
            RuleSetResult.Compiled compiled => compiled.Rules,
            RuleSetResult.Refused refused => throw new InvalidOperationException(
                string.Join(Environment.NewLine, refused.Faults)),
            _ => throw new InvalidOperationException("There is no other result."),
        };
    }

    private static string NameOf(RuleDocument document)
    {
        using var json = JsonDocument.Parse(document.Json);
        return json.RootElement.GetProperty("name").GetString()!; // Shipped rules have one.
    }
}
