using System.Collections.Immutable;
using System.Security.Cryptography;
using Probity.Ledger.Json;
using Probity.Monitoring.Ownership;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Rating;

/// <summary>What reading a scorecard came to.</summary>
public abstract record ScorecardResult
{
    private ScorecardResult()
    {
    }

    /// <summary>It is sound.</summary>
    /// <param name="Scorecard">The scorecard.</param>
    public sealed record Sound(Scorecard Scorecard) : ScorecardResult;

    /// <summary>It is refused.</summary>
    /// <param name="Faults">Every fault that was found, with place and fix.</param>
    public sealed record Refused(IReadOnlyList<RuleFault> Faults) : ScorecardResult;
}

/// <summary>Reads scorecards and tells their faults. Pure.</summary>
public static class ScorecardReader
{
    /// <summary>The longest document.</summary>
    public const int MostBytes = 64 * 1024;

    private const int MostFactors = 30;
    private const int MostCases = 50;
    private const int Hundredths = 100;

    /// <summary>The levels of due diligence, the least first.</summary>
    public static readonly ImmutableArray<string> Levels = ["simplified", "standard", "enhanced"];

    /// <summary>The checks there are.</summary>
    public static readonly ImmutableArray<string> Checks =
        ["identity", "document", "address", "screening", "ownership", "purpose", "source_of_funds", "approval"];

    /// <summary>Reads a document.</summary>
    public static ScorecardResult Read(ReadOnlyMemory<byte> json)
    {
        var faults = new List<RuleFault>();
        try
        {
            using var tape = JsonTape.Parse(json, new JsonLimits(MostBytes, 16));
            var scorecard = Read(tape.Root, json, faults);
            return faults.Count == 0 && scorecard is not null
                ? new ScorecardResult.Sound(scorecard) : new ScorecardResult.Refused(faults);
        }
        catch (RuleRefusedException fault)
        {
            faults.Add(Fault(fault));
        }
        catch (JsonRefusedException fault)
        {
            faults.Add(new RuleFault("", fault.Pointer, "monitoring.bad_json", fault.Message, "Mend the JSON."));
        }

        return new ScorecardResult.Refused(faults);
    }

    private static Scorecard? Read(JsonItem root, ReadOnlyMemory<byte> json, List<RuleFault> faults)
    {
        var members = root.Members(
            "name", "lists", "factors", "floors", "bands", "review_months", "activity_days", "checks", "ownership",
            "source");
        var lists = Each(Optional(members, "lists"), 2_000, Member, faults);
        var context = new Context(lists.Select(member => member.List).ToHashSet(StringComparer.Ordinal), faults);
        var factorsItem = members.Required(root, "factors");
        var factors = Each(factorsItem, MostFactors, item => Factor(item, context), faults);
        var floors = Each(Optional(members, "floors"), MostCases, item => Floor(item, context), faults);
        var thresholds = Each(members.Required(root, "ownership"), 200, item => Threshold(item, context), faults);
        Check(factorsItem, factors, faults);
        var (medium, high) = Bands(members.Required(root, "bands"));
        if (faults.Count > 0)
        {
            return null;
        }

        return new Scorecard
        {
            Name = members.Required(root, "name").Text(),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Canonicalize(json.Span))),
            Factors = [.. factors],
            Floors = [.. floors],
            MediumFrom = medium,
            HighFrom = high,
            ReviewMonths = Months(members.Required(root, "review_months")),
            ActivityDays = members.Required(root, "activity_days").Whole(1, 366),
            Checks = Demands(members.Required(root, "checks")),
            Thresholds = [.. thresholds],
            Members = [.. lists],
        };
    }

    private static JsonItem? Optional(Dictionary<string, JsonItem> members, string name) =>
        members.TryGetValue(name, out var item) ? item : null;

    // One fault does not hide those of the other elements.
    private static List<T> Each<T>(JsonItem? list, int most, Func<JsonItem, T> read, List<RuleFault> faults)
    {
        var found = new List<T>();
        foreach (var item in list?.Elements(0, most) ?? [])
        {
            try
            {
                found.Add(read(item));
            }
            catch (RuleRefusedException fault)
            {
                faults.Add(Fault(fault));
            }
        }

        return found;
    }

    private static void Check(JsonItem item, List<ScorecardFactor> factors, List<RuleFault> faults)
    {
        var sum = factors.Sum(factor => factor.Weight);
        if (faults.Count == 0 && sum != 100)
        {
            faults.Add(Fault(item.Refuse(
                "bad_weights", $"The weights are {sum} together.", "Make them 100 together.")));
        }

        foreach (var twice in factors.GroupBy(factor => factor.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            faults.Add(Fault(item.Refuse(
                "duplicate", $"Two factors are called {twice.Key}.", "Give each its own name.")));
        }
    }

    private static ScorecardFactor Factor(JsonItem item, Context context)
    {
        var members = item.Members("name", "title", "weight", "otherwise", "source", "cases");
        return new ScorecardFactor(
            members.Required(item, "name").Text(64),
            members.Required(item, "title").Text(100),
            members.Required(item, "weight").Whole(1, 100),
            members.TryGetValue("otherwise", out var points) ? points.Whole(0, 100) : 0,
            members.Required(item, "source").Text(500),
            [.. Each(members.Required(item, "cases"), MostCases, part => Case(part, context), context.Faults)]);
    }

    private static ScorecardCase Case(JsonItem item, Context context)
    {
        var members = item.Members("when", "points", "why");
        return new ScorecardCase(
            When(members.Required(item, "when"), context),
            members.Required(item, "points").Whole(0, 100),
            members.Required(item, "why").Text(200));
    }

    private static ScorecardFloor Floor(JsonItem item, Context context)
    {
        var members = item.Members("when", "rating", "why", "source");
        return new ScorecardFloor(
            When(members.Required(item, "when"), context),
            members.Required(item, "rating").Choice(("medium", CustomerRating.Medium), ("high", CustomerRating.High)),
            members.Required(item, "why").Text(200),
            members.Required(item, "source").Text(500));
    }

    private static ImmutableArray<ScorecardTest> When(JsonItem item, Context context) =>
        [.. item.Elements(1, 10).Select(test => Test(test, context))];

    private static ScorecardTest Test(JsonItem item, Context context)
    {
        var members = item.Members("fact", "in", "in_list", "at_least", "below", "is", "known");
        var factItem = members.Required(item, "fact");
        var fact = factItem.Text(64);
        if (RatingFacts.KindOf(fact) is not { } kind)
        {
            throw factItem.Refuse("unknown_field", "There is no such fact.",
                JsonReading.Nearest(fact, RatingFacts.Names.Select(name => name.Name)));
        }

        if (members.Count != 2)
        {
            throw item.Refuse("bad_test", "A test names a fact and one comparison.",
                "Use one of in, in_list, at_least, below, is and known.");
        }

        var (word, value) = members.Single(member => member.Key != "fact");
        return (word, kind) switch
        {
            ("in", RatingFactKind.Texts) =>
                new(fact, ScorecardOperator.In, [.. value.Texts()], 0, false),
            ("in_list", RatingFactKind.Texts) =>
                new(fact, ScorecardOperator.InList, [context.List(value)], 0, false),
            ("at_least", RatingFactKind.Number) => new(fact, ScorecardOperator.AtLeast, [], value.Exact(), false),
            ("below", RatingFactKind.Number) => new(fact, ScorecardOperator.Below, [], value.Exact(), false),
            ("is", RatingFactKind.Truth) => new(fact, ScorecardOperator.Is, [], 0, value.Truth()),
            ("known", _) => new(fact, ScorecardOperator.Known, [], 0, value.Truth()),
            _ => throw value.Refuse("bad_type", $"{fact} is {Words(kind)}, which {word} does not compare.", Fix(kind)),
        };
    }

    private static (int Medium, int High) Bands(JsonItem item)
    {
        var members = item.Members("medium", "high");
        var (medium, high) = (members.Required(item, "medium"), members.Required(item, "high"));
        var (from, to) = (Score(medium), Score(high));
        return from < to ? (from, to)
            : throw high.Refuse("bad_bands", "high begins below medium.", "Let high begin above medium.");
    }

    private static int Score(JsonItem item)
    {
        var value = item.Exact() * Hundredths;
        return value is >= 1 and <= 100 * Hundredths && decimal.Truncate(value) == value
            ? (int)value
            : throw item.Refuse(
                "bad_number", "A band begins at a score above 0 to 100, with two places.", "Write for example 45.");
    }

    private static ImmutableArray<int> Months(JsonItem item)
    {
        var members = item.Members("low", "medium", "high");
        ImmutableArray<int> months =
        [
            .. ((string[])["low", "medium", "high"]).Select(name => members.Required(item, name).Whole(1, 120)),
        ];
        return months[0] >= months[1] && months[1] >= months[2] ? months
            : throw item.Refuse("bad_months", "A higher risk is reviewed later than a lower one.",
                "Let the months fall from low to high.");
    }

    private static ImmutableDictionary<string, ImmutableArray<string>> Demands(JsonItem item)
    {
        var members = item.Members([.. Levels]);
        return Levels.ToImmutableDictionary(
            level => level,
            level => (ImmutableArray<string>)
            [
                .. members.Required(item, level).Elements(0, Checks.Length)
                    .Select(check => check.Choice([.. Checks.Select(word => (word, word))])).Distinct(),
            ],
            StringComparer.Ordinal);
    }

    private static OwnershipThreshold Threshold(JsonItem item, Context context)
    {
        var members = item.Members("jurisdiction", "list", "from", "percent", "or_more", "source");
        var percent = members.Required(item, "percent");
        var millionths = percent.Exact() * 10_000;
        return new OwnershipThreshold(
            members.Required(item, "jurisdiction").Text(8),
            members.TryGetValue("list", out var list) ? context.List(list) : null,
            members.Required(item, "from").Day(),
            millionths is > 0 and <= BeneficialOwnership.Whole && decimal.Truncate(millionths) == millionths
                ? (int)millionths
                : throw percent.Refuse("bad_number", "This is no share.",
                    "Write percent above 0 to 100, four places at most."),
            members.Required(item, "or_more").Truth(),
            members.Required(item, "source").Text(500));
    }

    private static DatedMember Member(JsonItem item)
    {
        var members = item.Members("list", "member", "from", "until", "source");
        return new DatedMember(
            members.Required(item, "list").Text(64),
            members.Required(item, "member").Text(64),
            members.Required(item, "from").Day(),
            members.TryGetValue("until", out var until) ? until.Day() : null,
            members.Required(item, "source").Text(500));
    }

    private static string Words(RatingFactKind kind) => kind switch
    {
        RatingFactKind.Texts => "words",
        RatingFactKind.Number => "a number",
        RatingFactKind.Truth => "true or false",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static string Fix(RatingFactKind kind) => kind switch
    {
        RatingFactKind.Texts => "Use in, in_list or known.",
        RatingFactKind.Number => "Use at_least, below or known.",
        RatingFactKind.Truth => "Use is or known.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static RuleFault Fault(RuleRefusedException fault) =>
        new("", fault.Place, fault.Code, fault.Message, fault.Fix);

    private sealed record Context(HashSet<string> Lists, List<RuleFault> Faults)
    {
        public string List(JsonItem item) => Lists.Contains(item.Text(64)) ? item.Text(64)
            : throw item.Refuse("unknown_list", "The scorecard brings no such list along.",
                Lists.Count == 0 ? "Add its members to \"lists\"." : JsonReading.Nearest(item.Text(64), Lists));
    }
}
