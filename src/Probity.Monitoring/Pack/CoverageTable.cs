using System.Text;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Pack;

/// <summary>Writes which red flags are covered by which rules, for an examiner, as Markdown. Pure.</summary>
public static class CoverageTable
{
    /// <summary>Writes the table; lines end with a line feed.</summary>
    public static string Write(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var text = new StringBuilder("# Coverage of red flags by the default rules\n\n");
        text.Append(
            """
            Generated from the rules that ship; a test compares it. Each rule carries an example that makes it
            match and a near miss that does not, and both run as tests. Rules with a jurisdiction are limited to
            accounts under it; `*` is everywhere.

            ## By red flag

            | red flag | rules |
            |---|---|

            """);
        var flags = rules.Rules.SelectMany(rule => rule.RedFlags.Select(flag => (flag, rule.Name)))
            .GroupBy(pair => pair.flag, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (var flag in flags)
        {
            var names = flag.Select(pair => pair.Name).Order(StringComparer.Ordinal);
            text.Append("| ").Append(flag.Key).Append(" | ").AppendJoin("; ", names).Append(" |\n");
        }

        text.Append("\n## By rule\n\n");
        text.Append("| rule | trade | law | severity | purpose | source |\n|---|---|---|---|---|---|\n");
        foreach (var rule in rules.Rules.OrderBy(rule => rule.Name, StringComparer.Ordinal))
        {
            text.Append("| ").AppendJoin(
                " | ", rule.Name, rule.Type.ToString().ToUpperInvariant(), rule.Jurisdiction,
                rule.Severity.ToString().ToUpperInvariant(), rule.Purpose, rule.Source).Append(" |\n");
        }

        return text.ToString();
    }
}
