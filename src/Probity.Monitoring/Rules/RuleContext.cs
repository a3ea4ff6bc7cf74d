using Probity.Ledger.Json;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>What a rule may name outside itself, and which other rules it names.</summary>
internal sealed class RuleContext(ReferenceBook book)
{
    private readonly List<string> _needs = [];

    /// <summary>Names of the rules whose scores are asked for.</summary>
    public IReadOnlyList<string> Needs => _needs;

    public string Calendar(JsonItem item) => Known(item, "calendar", book.Calendars.Keys);

    public string List(JsonItem item) => Known(item, "list", book.Lists);

    public string Threshold(JsonItem item) => Known(item, "threshold", book.Thresholds);

    public ScoreRef Score(JsonItem item)
    {
        var rule = item.Text();
        _needs.Add(rule);
        return new ScoreRef(rule);
    }

    private static string Known(JsonItem item, string what, IEnumerable<string> names)
    {
        var name = item.Text();
        return names.Contains(name, StringComparer.Ordinal)
            ? name
            : throw item.Refuse("unknown_" + what, $"There is no such {what}.", JsonReading.Nearest(name, names));
    }
}
