using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Judges one transaction by a set of rules over a history. The same code serves the fast engine and the reference, so
/// that they differ in how history is answered and in nothing else. Not thread safe.
/// </summary>
internal sealed class Judge(RuleSet rules, MonitoringOptions options, IHistory history)
{
    private readonly Scope _scope = new(rules.Book, history, rules.Aggregates.Count);
    private readonly DecisionRecord _record = new(rules);
    private readonly SideOfLaw[] _sides = new SideOfLaw[2];
    private readonly List<Contribution> _contributions = [];
    private readonly List<Unanswered> _unanswered = [];
    private readonly SortedSet<string> _reasons = new(StringComparer.Ordinal);
    private readonly List<(Rule Rule, bool IsDebtorSide)> _matches = [];

    public Decision Decide(Booked booked, PartyFacts facts)
    {
        _scope.Begin(booked, facts);
        _contributions.Clear();
        _unanswered.Clear();
        _reasons.Clear();
        _matches.Clear();
        _sides[0] = SideOf(booked, facts, isDebtorSide: true);
        _sides[1] = SideOf(booked, facts, isDebtorSide: false);
        foreach (var rule in rules.For(booked.Transaction.Type))
        {
            Ask(rule, booked);
        }

        AddFacts(facts.Debtor, "debtor");
        AddFacts(facts.Creditor, "creditor");
        var score = Math.Min(1m, _contributions.Sum(item => item.Score));
        var decision = new Decision
        {
            Transaction = booked.Transaction.Key,
            Number = booked.Number,
            Outcome = OutcomeOf(score, booked, facts),
            Score = score,
            Threshold = options.RiskThreshold,
            IsLate = history.IsLate(booked),
            Contributions = [.. _contributions],
            Unanswered = [.. _unanswered],
            Reasons = [.. _reasons],
            Alert = AlertOf(score, booked),
            Record = ReadOnlyMemory<byte>.Empty,
        };
        return decision with { Record = _record.Write(decision, booked, facts, _scope) };
    }

    private void Ask(Rule rule, Booked booked)
    {
        if (!rule.Statuses.Contains(booked.Transaction.Status)
            || booked.Day < rule.EffectiveFrom || booked.Day >= rule.EffectiveTo)
        {
            return;
        }

        var found = false;
        foreach (var isDebtorSide in (ReadOnlySpan<bool>)[true, false])
        {
            if (found || !LooksAt(rule, isDebtorSide) || !IsUnder(rule, in _sides[isDebtorSide ? 0 : 1]))
            {
                continue;
            }

            _scope.TakeSide(isDebtorSide);
            found = AskOnSide(rule, isDebtorSide) || !DependsOnSide(rule);
        }

        _scope.TakeSide(true);
    }

    private static bool DependsOnSide(Rule rule) => rule.Conditions.DependsOnSide || rule.Segments is not null;

    private static bool LooksAt(Rule rule, bool isDebtorSide) => rule.Side switch
    {
        RuleSide.Either => true,
        RuleSide.Debtor => isDebtorSide,
        RuleSide.Creditor => !isDebtorSide,
        _ => throw new InvalidOperationException(),
    };

    /// <summary>
    /// What rules ask of a side, found once for all of them. Where nothing is known of either account both are taken
    /// for ours: a transaction is never left unjudged because facts are missing.
    /// </summary>
    private SideOfLaw SideOf(Booked booked, PartyFacts facts, bool isDebtorSide)
    {
        var own = isDebtorSide ? facts.Debtor : facts.Creditor;
        var other = isDebtorSide ? facts.Creditor : facts.Debtor;
        var isOurs = booked.Side(isDebtorSide) is not { Account: null, Customer: null }
            && (own is not { Account: null, Customer: null } || other is { Account: null, Customer: null });
        var law = own.Account?.Jurisdiction ?? options.HomeJurisdiction;
        return new SideOfLaw(
            isOurs, law, law is not null && rules.Book.IsListed("eu_members", law, booked.Day), own.Customer?.Segment);
    }

    /// <summary>Whether a side is one of ours and under the law of the rule.</summary>
    private static bool IsUnder(Rule rule, in SideOfLaw side) =>
        side.IsOurs
        && (rule.Segments is null || (side.Segment is { } segment && rule.Segments.Contains(segment)))
        && (rule.Jurisdiction == "*" || side.Law is null || side.Law == rule.Jurisdiction
            || (side.IsInUnion && rule.Jurisdiction == "EU"));

    /// <summary>Whether the rule matched on this side.</summary>
    private bool AskOnSide(Rule rule, bool isDebtorSide)
    {
        var value = rule.Conditions.Evaluate(_scope);
        if (value.IsUnknown)
        {
            return Unknown(rule, value.Reason, isDebtorSide);
        }

        var band = rule.Bands.FirstOrDefault(item => item.Upto is null || value.Number < item.Upto);
        var score = band?.Score ?? (value.IsTrue ? rule.Score : 0);
        if (score == 0)
        {
            return false;
        }

        Match(rule, isDebtorSide, score, band?.Ref, band is null
            ? rule.Conditions.Counterfactual(_scope)
            : [$"{rule.Conditions} had been in another band (it was {value})"]);
        return true;
    }

    private bool Unknown(Rule rule, UnknownReason reason, bool isDebtorSide)
    {
        var outcome = rule.Outcomes[reason];
        _unanswered.Add(new Unanswered(rule.Name, Value.Wire(reason), outcome == UnknownOutcome.Review));
        if (outcome == UnknownOutcome.Review)
        {
            _reasons.Add("rule_unanswered");
        }

        if (outcome == UnknownOutcome.Match)
        {
            Match(rule, isDebtorSide, rule.Score, null, [$"it could be answered ({Value.Wire(reason)})"]);
        }

        return outcome == UnknownOutcome.Match;
    }

    private void Match(Rule rule, bool isDebtorSide, decimal score, string? band, IReadOnlyList<string> counterfactual)
    {
        var side = !DependsOnSide(rule) ? "both" : isDebtorSide ? "debtor" : "creditor";
        _contributions.Add(new Contribution(rule.Name, rule.Digest, rule.Version, side, score, band, counterfactual));
        _matches.Add((rule, isDebtorSide));
        _scope.Scores[rule.Name] = score;
    }

    /// <summary>What is known of a party weighs too, but never alerts alone at the default threshold.</summary>
    private void AddFacts(SideFacts facts, string side)
    {
        if (facts.Customer is { Rating: CustomerRating.High } && options.HighRatingScore > 0)
        {
            _contributions.Add(new Contribution(
                "customer.rating", null, 0, side, options.HighRatingScore, "high",
                    ["the customer had not been rated high"]));
        }

        switch (facts.Customer?.Screening)
        {
            case ScreeningState.Possible:
                _reasons.Add("screening_possible");
                break;
            case ScreeningState.Confirmed:
                _reasons.Add("screening_confirmed");
                break;
            case ScreeningState.Unknown:
                _reasons.Add("screening_unknown");
                break;
            default:
                break;
        }
    }

    private DecisionOutcome OutcomeOf(decimal score, Booked booked, PartyFacts facts)
    {
        if (_matches.Any(match => match.Rule.Actions.Block))
        {
            _reasons.Add("rule_blocks");
        }

        if (!options.IsStateComplete)
        {
            _reasons.Add("state_incomplete");
        }

        var standing = Standing(booked.Transaction.OccurredAt, facts);
        if (_reasons.Contains("screening_confirmed") || standing == PartyConditionKind.Block)
        {
            return DecisionOutcome.Block;
        }

        // An override answers rules; it does not answer screening, nor a state that is not complete.
        var isOverridden = standing == PartyConditionKind.Override;
        if (!isOverridden && (_reasons.Contains("rule_blocks") || standing == PartyConditionKind.OverridableBlock))
        {
            return DecisionOutcome.Block;
        }

        var asksForReview = _reasons.Overlaps(["screening_possible", "screening_unknown", "state_incomplete"])
            || (!isOverridden && (score >= options.RiskThreshold || _reasons.Contains("rule_unanswered")));
        return asksForReview ? DecisionOutcome.Review : DecisionOutcome.Approve;
    }

    private PartyConditionKind? Standing(DateTimeOffset at, PartyFacts facts)
    {
        PartyConditionKind? standing = null;
        foreach (var condition in (facts.Debtor.Conditions ?? []).Concat(facts.Creditor.Conditions ?? []))
        {
            if (condition.HoldsAt(at))
            {
                standing = (standing, condition.Kind) switch
                {
                    (PartyConditionKind.Block, _) or (_, PartyConditionKind.Block) => PartyConditionKind.Block,
                    (PartyConditionKind.Override, _) or (_, PartyConditionKind.Override) => PartyConditionKind.Override,
                    _ => PartyConditionKind.OverridableBlock,
                };
            }
        }

        if (standing is { } kind)
        {
            _reasons.Add(kind switch
            {
                PartyConditionKind.Block => "party_block",
                PartyConditionKind.Override => "party_override",
                PartyConditionKind.OverridableBlock => "party_block_overridable",
                _ => throw new InvalidOperationException(),
            });
        }

        return standing;
    }

    private AlertRequest? AlertOf(decimal score, Booked booked)
    {
        var alerting = _matches.Where(match => match.Rule.Actions.Alert).ToList();
        if (score < options.RiskThreshold || alerting.Count == 0)
        {
            return null;
        }

        var most = alerting.MaxBy(match => _scope.Scores[match.Rule.Name]);
        var party = booked.Side(most.IsDebtorSide);
        return new AlertRequest(
            party.Account,
            party.Customer,
            most.Rule.Name,
            _matches.Max(match => match.Rule.Severity),
            _matches.Any(match => match.Rule.Actions.RequireDocumentation));
    }

    /// <summary>A side as rules ask for it.</summary>
    /// <param name="IsOurs">Whether it is judged.</param>
    /// <param name="Law">The law its account is under; null when unknown.</param>
    /// <param name="IsInUnion">Whether that is the law of a member of the EU on the day.</param>
    /// <param name="Segment">The segment of its customer; null when unknown.</param>
    private readonly record struct SideOfLaw(bool IsOurs, string? Law, bool IsInUnion, string? Segment);
}
