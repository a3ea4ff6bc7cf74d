namespace Probity.Monitoring.Rules;

/// <summary>Checks rules against each other and for what they cost.</summary>
internal static class RuleLinter
{
    public static void Check(IReadOnlyList<Rule> rules, List<RuleFault> faults)
    {
        if (rules.Count > RuleSet.MostRules)
        {
            faults.Add(new RuleFault(
                string.Empty, string.Empty, "monitoring.too_many_rules", "The set has too many rules.",
                $"Keep at most {RuleSet.MostRules}."));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var meanings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            if (!names.Add(rule.Name))
            {
                faults.Add(new RuleFault(
                    rule.Name, "/name", "monitoring.duplicate_name", "Two rules have this name.", "Rename one."));
            }

            Meaning(rule, meanings, faults);
            if (rule.Cost > RuleSet.CostBound)
            {
                faults.Add(new RuleFault(
                    rule.Name, "/conditions", "monitoring.too_costly",
                    $"The rule takes {rule.Cost} units of work; {RuleSet.CostBound} are allowed.",
                    "Use fewer aggregates, or fewer hops in searches."));
            }

            if (rule.EffectiveTo <= rule.EffectiveFrom)
            {
                faults.Add(new RuleFault(
                    rule.Name, "/effective_to", "monitoring.unreachable", "The rule ends before it begins.",
                    "Let effective_to be later, or leave it out."));
            }
        }
    }

    /// <summary>
    /// Orders rules so that each comes after those whose scores it uses; rules are else in order of name.
    /// </summary>
    public static IReadOnlyList<Rule> InOrder(IReadOnlyList<Rule> rules, List<RuleFault> faults)
    {
        var byName = new Dictionary<string, Rule>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            byName.TryAdd(rule.Name, rule);
        }

        var ordered = new List<Rule>();
        var states = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var rule in byName.Values.OrderBy(rule => rule.Name, StringComparer.Ordinal))
        {
            Visit(rule, byName, states, ordered, faults);
        }

        return ordered;
    }

    private static void Visit(
        Rule rule, Dictionary<string, Rule> byName, Dictionary<string, bool> states, List<Rule> ordered,
        List<RuleFault> faults)
    {
        if (states.TryGetValue(rule.Name, out var isDone))
        {
            if (!isDone)
            {
                faults.Add(new RuleFault(
                    rule.Name, "/conditions", "monitoring.circular_score", "The rule waits for its own score.",
                    "Break the circle of score operations."));
            }

            return;
        }

        states[rule.Name] = false;
        foreach (var need in rule.Needs.Order(StringComparer.Ordinal))
        {
            if (byName.TryGetValue(need, out var other))
            {
                if (other.IsShadow && !rule.IsShadow)
                {
                    faults.Add(new RuleFault(
                        rule.Name, "/conditions", "monitoring.shadow_score",
                        $"The rule uses the score of {need}, which runs in shadow: nothing may be done by it.",
                        "Let this rule run in shadow too, or that one live."));
                }

                Visit(other, byName, states, ordered, faults);
            }
            else
            {
                faults.Add(new RuleFault(
                    rule.Name, "/conditions", "monitoring.unknown_rule", $"There is no rule named {need}.",
                    JsonReading.Nearest(need, byName.Keys)));
            }
        }

        states[rule.Name] = true;
        ordered.Add(rule);
    }

    private static void Meaning(Rule rule, Dictionary<string, string> meanings, List<RuleFault> faults)
    {
        var bands = string.Join(',', rule.Bands) + string.Join(',', rule.Cases);
        var types = string.Join(',', (rule.TransactionTypes ?? new HashSet<string>()).Order(StringComparer.Ordinal));
        var segments = string.Join(',', (rule.Segments ?? new HashSet<string>()).Order(StringComparer.Ordinal));
        var validity = $"{rule.EffectiveFrom?.DayNumber} {rule.EffectiveTo?.DayNumber}";
        var meaning = string.Join('|', rule.Jurisdiction, rule.Side, types, segments, validity, rule.Conditions, bands);
        if (!meanings.TryAdd(meaning, rule.Name))
        {
            faults.Add(new RuleFault(
                rule.Name, "/conditions", "monitoring.duplicate_rule",
                    $"The rule says the same as {meanings[meaning]}.",
                "Remove one, or let them differ.", FaultLevel.Warning));
        }
    }
}
