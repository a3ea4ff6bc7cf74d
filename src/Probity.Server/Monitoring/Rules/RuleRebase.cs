namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// Draws a set anew on another one: of every rule the side that changed it since the common base counts, and a rule
/// that both changed otherwise is a conflict that a person decides. Pure.
/// </summary>
/// <param name="Rules">Name and key of each rule of the result, by name.</param>
/// <param name="Book">The key of the reference data of the result; null where both changed it otherwise.</param>
/// <param name="Conflicts">Names of rules that both changed otherwise; <c>reference data</c> among them where both
/// changed that.</param>
internal sealed record RuleRebase(
    IReadOnlyDictionary<string, string> Rules, string? Book, IReadOnlyList<string> Conflicts)
{
    /// <summary>Merges.</summary>
    /// <param name="drawn">What the draft was drawn from.</param>
    /// <param name="draft">The draft.</param>
    /// <param name="live">What is live.</param>
    public static RuleRebase Of(RuleContent drawn, RuleContent draft, RuleContent live)
    {
        var rules = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var conflicts = new List<string>();
        foreach (var name in drawn.Rules.Keys.Union(draft.Rules.Keys).Union(live.Rules.Keys)
            .Order(StringComparer.Ordinal))
        {
            var (isClear, key) = Choose(
                drawn.Rules.GetValueOrDefault(name), draft.Rules.GetValueOrDefault(name),
                live.Rules.GetValueOrDefault(name));
            if (!isClear)
            {
                conflicts.Add(name);
            }
            else if (key is not null)
            {
                rules[name] = key;
            }
        }

        var (isBookClear, book) = Choose(drawn.Book, draft.Book, live.Book);
        return new RuleRebase(
            rules, isBookClear ? book : null, isBookClear ? conflicts : [.. conflicts, "reference data"]);
    }

    private static (bool IsClear, string? Key) Choose(string? drawn, string? draft, string? live) =>
        draft == drawn ? (true, live)
        : live == drawn || live == draft ? (true, draft)
        : (false, null);
}

/// <summary>What a set says: the keys of its rules by name, and of its reference data.</summary>
internal sealed record RuleContent(IReadOnlyDictionary<string, string> Rules, string Book);
