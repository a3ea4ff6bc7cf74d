using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Ledger.Entries;

namespace Probity.Server.Monitoring.Pages;

/// <summary>The record of a decision as its page shows it.</summary>
internal sealed record DecisionView
{
    /// <summary>The width of pictures.</summary>
    private const int Wide = 1_000;

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public required string Score { get; init; }

    public required string Threshold { get; init; }

    /// <summary>Where the threshold is drawn.</summary>
    public required int ThresholdAt { get; init; }

    public required bool IsLate { get; init; }

    public required IReadOnlyList<FallView> Falls { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>What rules in shadow would have made of it; null where they had nothing to say.</summary>
    public required ShadowView? Shadow { get; init; }

    /// <summary>Rules that could not be answered, in sentences.</summary>
    public required IReadOnlyList<string> Unanswered { get; init; }

    /// <summary>What the rules that added to the score have measured.</summary>
    public required IReadOnlyList<AggregateView> Measured { get; init; }

    /// <summary>What else was measured.</summary>
    public required IReadOnlyList<AggregateView> Others { get; init; }

    /// <summary>The record, indented.</summary>
    public required string Json { get; init; }

    /// <summary>Reads a record.</summary>
    /// <param name="record">Canonical JSON.</param>
    /// <param name="rules">The rules it was made by; null when they are not known here.</param>
    public static DecisionView Of(byte[] record, KnownRules? rules)
    {
        var json = JsonNode.Parse(record)!.AsObject(); // A record is an object.
        var falls = Fall(json["contributions"]!.AsArray(), rules, 0);
        var aggregates = Aggregates(json, rules);
        var texts = rules?.Rules.Rules.Where(rule => falls.Any(fall => fall.Rule == rule.Name))
            .Select(rule => rule.Text).ToList() ?? [];
        var isMeasured = aggregates.ToLookup(
            item => texts.Exists(text => text.Contains(item.Text, StringComparison.Ordinal)));
        return new DecisionView
        {
            Score = Short(json["score"]),
            Threshold = Short(json["threshold"]),
            ThresholdAt = At(Number(json["threshold"])),
            IsLate = json["late"]!.GetValue<bool>(),
            Falls = falls,
            Shadow = ShadowOf(json, rules),
            Reasons = [.. json["reasons"]!.AsArray().Select(reason => reason!.GetValue<string>())],
            Unanswered = [.. json["unanswered"]!.AsArray().Select(item => Sentence(item!.AsArray()))],
            Measured = [.. isMeasured[true]],
            Others = [.. isMeasured[false]],
            Json = json.ToJsonString(s_indented),
        };
    }

    private static ShadowView? ShadowOf(JsonObject json, KnownRules? rules) =>
        json["shadow"] is not JsonObject shadow ? null : new ShadowView(
            shadow["outcome"]!.GetValue<string>(), Short(shadow["score"]), shadow["rule"]?.GetValue<string>(),
            Fall(shadow["contributions"]!.AsArray(), rules, Number(json["score"])),
            [.. shadow["unanswered"]!.AsArray().Select(item => Sentence(item!.AsArray()))]);

    private static List<FallView> Fall(JsonArray contributions, KnownRules? rules, decimal before)
    {
        var falls = new List<FallView>(contributions.Count);
        foreach (var item in contributions.Select(node => node!))
        {
            var score = Number(item["score"]);
            var rule = item["rule"]!.GetValue<string>();
            var document = rules?.Rules.Rules.FirstOrDefault(known => known.Name == rule)?.Digest;
            falls.Add(new FallView(
                rule, item["version"]!.GetValue<long>(), item["side"]!.GetValue<string>(), Short(item["score"]),
                [.. item["counterfactual"]!.AsArray().Select(phrase => phrase!.GetValue<string>())],
                document is null ? null : RuleJson.Href(rules!.SetId, rule),
                At(before), Math.Max(4, At(before + score) - At(before))));
            before += score;
        }

        return falls;
    }

    private static List<AggregateView> Aggregates(JsonObject json, KnownRules? rules)
    {
        var windows = json["windows"]!.AsArray()
            .Select(item => (After: item![0]?.GetValue<long>(), Until: item[1]!.GetValue<long>())).ToList();
        var first = windows.Select(item => item.After).OfType<long>().DefaultIfEmpty().Min();
        var last = windows.Select(item => item.Until).DefaultIfEmpty().Max();
        return [.. json["aggregates"]!.AsArray().Select(item =>
        {
            var slot = item![0]!.GetValue<int>();
            var (after, until) = windows[item[4]!.GetValue<int>()];
            var from = after is { } start ? Place(start, first, last) : 0;
            return new AggregateView(
                rules?.Rules.Aggregates[slot] ?? FormattableString.Invariant($"aggregate {slot}"),
                item[1]!.GetValue<string>() == "d" ? "debtor" : "creditor",
                item[2]!.GetValue<string>(), item[3]!.GetValue<long>(),
                after is { } bound ? Instant(bound) : "the beginning", Instant(until),
                from, Math.Max(6, Place(until, first, last) - from));
        })];
    }

    private static int Place(long at, long first, long last) =>
        last <= first ? Wide : (int)Math.Clamp((at - first) * (double)Wide / (last - first), 0, Wide);

    private static string Sentence(JsonArray item)
    {
        var names = item[2]!.AsArray().Select(name => name!.GetValue<string>()).ToList();
        var reason = item[0]!.GetValue<string>().Replace('_', ' ');
        var tail = item[1]!.GetValue<bool>() ? "; this asks for a person" : "";
        return names.Count > 3
            ? FormattableString.Invariant($"{names.Count} rules could not be answered: {reason}{tail}.")
            : $"{string.Join(", ", names)} could not be answered: {reason}{tail}.";
    }

    private static string Instant(long micros) => Timestamp.ToText(micros).Replace('T', ' ')[..19];

    private static int At(decimal score) => (int)(Math.Clamp(score, 0, 1) * Wide);

    private static decimal Number(JsonNode? score) =>
        decimal.Parse(score!.GetValue<string>(), CultureInfo.InvariantCulture);

    private static string Short(JsonNode? score) => Number(score).ToString("0.00##", CultureInfo.InvariantCulture);
}

/// <summary>What rules in shadow would have made of a decision.</summary>
/// <param name="Outcome">What would have been done.</param>
/// <param name="Score">The score it would have had.</param>
/// <param name="AlertRule">The rule an alert would have been raised for; null without one.</param>
/// <param name="Falls">What they would have added, after what was added.</param>
/// <param name="Unanswered">Those that could not be answered, in sentences.</param>
internal sealed record ShadowView(
    string Outcome, string Score, string? AlertRule, IReadOnlyList<FallView> Falls, IReadOnlyList<string> Unanswered);

/// <summary>A contribution, drawn after those before it.</summary>
/// <param name="Rule">The rule or fact.</param>
/// <param name="Version">The version of the rule; 0 for a fact.</param>
/// <param name="Side">debtor, creditor or both.</param>
/// <param name="Score">What it added.</param>
/// <param name="Counterfactual">What would have kept it silent.</param>
/// <param name="Href">Where the rule is shown; null for a fact.</param>
/// <param name="From">Where it is drawn.</param>
/// <param name="Width">How wide.</param>
internal sealed record FallView(
    string Rule, long Version, string Side, string Score, IReadOnlyList<string> Counterfactual, string? Href, int From,
    int Width);
