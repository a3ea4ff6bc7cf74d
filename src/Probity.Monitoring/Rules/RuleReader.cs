using System.Security.Cryptography;
using System.Text.Json;
using Probity.Ledger.Json;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>
/// Reads a rule document {name, rule_type, jurisdiction, conditions, actions, severity} and its extras.
/// </summary>
internal sealed class RuleReader(ReferenceBook book, AggregateReader aggregates)
{
    private const int MostBytes = 64 * 1024;
    private const int MostCases = 20;

    private static readonly string[] s_members =
    [
        "name", "rule_type", "jurisdiction", "conditions", "actions", "severity", "version", "effective_from",
        "effective_to", "applies_to", "score", "outcomes", "source", "purpose", "red_flags",
        "examples", "mode", "$schema",
    ];

    private static readonly string[] s_simple = ["amount_threshold", "currency", "amount_operator"];

    /// <exception cref="RuleRefusedException">The rule has a fault.</exception>
    /// <exception cref="JsonRefusedException">The document is not JSON that can be kept exactly.</exception>
    public Rule Read(ReadOnlyMemory<byte> document)
    {
        using var tape = JsonTape.Parse(document, new JsonLimits(MostBytes, 32));
        var root = tape.Root;
        var members = root.Members(s_members);
        var context = new RuleContext(book);
        var expressions = new ExprReader(aggregates, context);
        var appliesTo = members.TryGetValue("applies_to", out var applies)
            ? applies.Members("tx_types", "status", "segments", "side")
            : [];
        var conditions = ReadConditions(members.Required(root, "conditions"), expressions);
        var severity = members.Required(root, "severity").Choice(
            ("LOW", Severity.Low), ("MEDIUM", Severity.Medium), ("HIGH", Severity.High),
                ("CRITICAL", Severity.Critical));
        var statuses = appliesTo.TryGetValue("status", out var named)
            ? ReadStatuses(named)
            : AggregateReader.BookedStatuses;
        var (outcomes, unknownBands) = ReadOutcomes(members);
        return new Rule(conditions.Value, statuses, outcomes)
        {
            Name = members.Required(root, "name").Text(),
            Version = members.TryGetValue("version", out var version) ? version.Whole(1, int.MaxValue) : 1,
            Digest = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Canonicalize(document.Span))),
            Type = members.Required(root, "rule_type").Choice(
                ("AML", RuleType.Aml), ("KYC", RuleType.Kyc), ("SANCTIONS", RuleType.Sanctions), ("CTR", RuleType.Ctr),
                ("FRAUD", RuleType.Fraud)),
            Jurisdiction = ReadJurisdiction(members.Required(root, "jurisdiction")),
            Severity = severity,
            Actions = ReadActions(members.Required(root, "actions")),
            Score = members.TryGetValue("score", out var score) ? ReadScore(score, false) : Rule.ScoreOf(severity),
            Side = appliesTo.TryGetValue("side", out var side)
                ? side.Choice(("either", RuleSide.Either), ("debtor", RuleSide.Debtor), ("creditor", RuleSide.Creditor))
                : RuleSide.Either,
            EffectiveFrom = members.TryGetValue("effective_from", out var from) ? from.Day() : null,
            EffectiveTo = members.TryGetValue("effective_to", out var to) ? to.Day() : null,
            Source = members.TryGetValue("source", out var source) ? source.Text(500) : null,
            Purpose = members.TryGetValue("purpose", out var purpose) ? purpose.Text(500) : null,
            RedFlags = members.TryGetValue("red_flags", out var flags) ? flags.Texts() : [],
            IsShadow = members.TryGetValue("mode", out var mode) && mode.Choice(("live", false), ("shadow", true)),
            Bands = conditions.Bands,
            Cases = conditions.Cases,
            UnknownBands = unknownBands,
            TransactionTypes = appliesTo.TryGetValue("tx_types", out var types) ? types.Texts().ToHashSet() : null,
            Segments = appliesTo.TryGetValue("segments", out var segments) ? segments.Texts().ToHashSet() : null,
            Needs = context.Needs,
        };
    }

    private static RuleConditions ReadConditions(JsonItem item, ExprReader expressions)
    {
        if (item.Kind != JsonValueKind.Object)
        {
            return new RuleConditions(expressions.Condition(item), [], []);
        }

        var members = item.Members();
        if (members.Keys.Any(name => s_simple.Contains(name, StringComparer.Ordinal)))
        {
            return new RuleConditions(ReadSimple(item), [], []);
        }

        if (!members.ContainsKey("bands") && !members.ContainsKey("cases"))
        {
            return new RuleConditions(expressions.Condition(item), [], []);
        }

        var banded = item.Members("cases", "value", "bands");
        var cases = banded.TryGetValue("cases", out var named) ? ReadCases(named, expressions) : [];
        if (cases.Count > 0 && !banded.ContainsKey("value") && !banded.ContainsKey("bands"))
        {
            return new RuleConditions(new Literal(Value.Of(false)), [], cases);
        }

        return new RuleConditions(
            expressions.OfKind(banded.Required(item, "value"), ValueKind.Number),
            ReadBands(banded.Required(item, "bands")),
            cases);
    }

    private static List<RuleCase> ReadCases(JsonItem item, ExprReader expressions)
    {
        var cases = new List<RuleCase>();
        foreach (var element in item.Elements(1, MostCases))
        {
            var members = element.Members("when", "ref", "score");
            var when = expressions.Condition(members.Required(element, "when"));
            if (cases.Exists(earlier => earlier.When is Literal || earlier.When.ToString() == when.ToString()))
            {
                throw element.Refuse(
                    "unreachable_case", "A case before it holds whenever it does.", "Remove one of them.");
            }

            cases.Add(new RuleCase(when, ReadOutcome(element, members)));
        }

        return cases;
    }

    private static Band ReadOutcome(JsonItem element, Dictionary<string, JsonItem> members) => new(
        null,
        members.TryGetValue("ref", out var name) ? name.Text(64) : null,
        ReadScore(members.Required(element, "score"), true));

    /// <summary>
    /// {"amount_threshold":10000,"currency":"USD"}: the amount, converted when need be, is at least so much.
    /// </summary>
    private static Comparison ReadSimple(JsonItem item)
    {
        var members = item.Members(s_simple);
        var limit = members.Required(item, "amount_threshold");
        var currency = ExprReader.ReadCurrency(members.Required(item, "currency"));
        var money = new Contracts.Finance.Money(limit.Exact(), currency);
        if (money.Amount <= 0 || !money.FitsMinorUnits)
        {
            throw limit.Refuse("bad_amount", "The threshold is no amount of its currency.", "Write an amount above 0.");
        }

        var op = members.TryGetValue("amount_operator", out var word)
            ? word.Choice(("gte", CompareOp.Gte), ("gt", CompareOp.Gt))
            : CompareOp.Gte;
        return new Comparison(op, new FieldRef(Field.All["$amount"], false), new Literal(Value.Of(money)));
    }

    private static List<Band> ReadBands(JsonItem item)
    {
        var bands = new List<Band>();
        decimal? end = decimal.MinValue;
        foreach (var element in item.Elements(1, 100))
        {
            var members = element.Members("from", "upto", "ref", "score");
            if (end is null)
            {
                throw element.Refuse("unreachable_band", "The band before has no end.", "Give it an upto.");
            }

            if (members.TryGetValue("from", out var from) && bands.Count > 0 && from.Exact() != end)
            {
                throw from.Refuse(
                    "band_gap", "The band does not begin where the one before ends.", $"Write {Value.Of(end.Value)}.");
            }

            decimal? upto = members.TryGetValue("upto", out var until) ? until.Exact() : null;
            if (upto <= end)
            {
                throw until.Refuse("unreachable_band", "The band ends before it begins.", "Let the ends rise.");
            }

            bands.Add(ReadOutcome(element, members) with { Upto = upto });
            end = upto;
        }

        return end is null
            ? bands
            : throw item.Refuse("band_gap", "Values above the last band have no band.", "Leave out the last upto.");
    }

    private static string ReadJurisdiction(JsonItem item)
    {
        var text = item.Text();
        var isCode = text.Length == 2 && text.All(char.IsAsciiLetterUpper);
        return isCode || text == "*"
            ? text
            : throw item.Refuse("bad_country", "This is no jurisdiction.",
                "Write two capital letters, EU, or * for all.");
    }

    private static RuleActions ReadActions(JsonItem item)
    {
        var members = item.Members("alert", "require_documentation", "block", "report_candidate");
        bool Asks(string name) => members.TryGetValue(name, out var value) && value.Truth();
        return new RuleActions(
            Asks("alert"),
            Asks("require_documentation"),
            Asks("block"),
            members.TryGetValue("report_candidate", out var report)
                ? report.Choice(("SAR", "SAR"), ("CTR", "CTR"), ("STR", "STR"))
                : null);
    }

    private static decimal ReadScore(JsonItem item, bool mayBeZero)
    {
        var score = item.Exact();
        return score <= 1 && (mayBeZero ? score >= 0 : score > 0) && decimal.Round(score, 6) == score
            ? score
            : throw item.Refuse("bad_score", "The score is out of range.", "Write 0 to 1 with at most six places.");
    }

    private static HashSet<TransactionStatus> ReadStatuses(JsonItem item) => [.. item.Elements(1, 4).Select(
        element => StatusNames.Status(element.Text()) ?? throw element.Refuse(
            "unknown_word", "There is no such status.", "Write pending, settled, failed or reversed."))];

    private static (Dictionary<UnknownReason, UnknownOutcome> Outcomes, Dictionary<UnknownReason, Band> Bands)
        ReadOutcomes(Dictionary<string, JsonItem> members)
    {
        var bands = new Dictionary<UnknownReason, Band>();
        var outcomes = new Dictionary<UnknownReason, UnknownOutcome>
        {
            // Short history and a missing field are ordinary; what the institution owes itself to know is not.
            [UnknownReason.MissingField] = UnknownOutcome.None,
            [UnknownReason.InsufficientHistory] = UnknownOutcome.None,
            [UnknownReason.NoVariance] = UnknownOutcome.None,
            [UnknownReason.NoRate] = UnknownOutcome.Review,
            [UnknownReason.OutOfRange] = UnknownOutcome.Review,
            [UnknownReason.SearchBound] = UnknownOutcome.Review,
        };
        if (members.TryGetValue("outcomes", out var item))
        {
            var known = outcomes.Keys.ToDictionary(Value.Wire, reason => reason, StringComparer.Ordinal);
            foreach (var (name, value) in item.Members([.. known.Keys]))
            {
                if (value.Kind == JsonValueKind.Object)
                {
                    var band = ReadOutcome(value, value.Members("ref", "score"));
                    bands[known[name]] = band;
                    outcomes[known[name]] = band.Score > 0 ? UnknownOutcome.Match : UnknownOutcome.None;
                    continue;
                }

                outcomes[known[name]] = value.Choice(
                    ("none", UnknownOutcome.None), ("review", UnknownOutcome.Review), ("match", UnknownOutcome.Match));
            }
        }

        return (outcomes, bands);
    }

    /// <summary>What a rule asks, as it is read.</summary>
    /// <param name="Value">A truth, or the number that bands divide.</param>
    /// <param name="Bands">The bands; empty where a truth is asked for.</param>
    /// <param name="Cases">What is asked before.</param>
    private sealed record RuleConditions(Expr Value, IReadOnlyList<Band> Bands, IReadOnlyList<RuleCase> Cases);
}
