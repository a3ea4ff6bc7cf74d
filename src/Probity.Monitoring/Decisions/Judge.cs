using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Judges one transaction by a set of rules over a history. The same code serves the fast engine and the reference, so
/// that they differ in how history is answered and in nothing else. Not thread safe.
/// </summary>
/// <param name="rules">The rules.</param>
/// <param name="options">How it judges.</param>
/// <param name="history">What answers for earlier transactions.</param>
/// <param name="isPlain">Whether every rule is asked, also those that type or amount alone exclude: for
/// checking.</param>
internal sealed class Judge(RuleSet rules, MonitoringOptions options, IHistory history, bool isPlain = false)
{
    private readonly Scope _scope = new(rules.Book, history, rules.Aggregates.Count);
    private readonly DecisionRecord _record = new(rules);
    private readonly SideOfLaw[] _sides = new SideOfLaw[2];
    private readonly List<Contribution> _contributions = [];
    private readonly List<Unanswered> _unanswered = [];
    private readonly List<string> _reasons = [];
    private readonly List<(Rule Rule, bool IsDebtorSide)> _matches = [];
    private readonly Shadow _shadow = new();

    public Decision Decide(Booked booked, PartyFacts facts)
    {
        _scope.Begin(booked, facts);
        _contributions.Clear();
        _unanswered.Clear();
        _reasons.Clear();
        _matches.Clear();
        _shadow.Clear();
        _sides[0] = SideOf(booked, facts, isDebtorSide: true);
        _sides[1] = SideOf(booked, facts, isDebtorSide: false);
        var type = booked.Transaction.Type;
        foreach (var rule in isPlain ? rules.PlainFor(type) : rules.For(type))
        {
            if ((isPlain || rule.Gate?.Excludes(booked) is not true)
                && rule.LooksAt(booked.Transaction.Status)
                && (rule.EffectiveFrom is null || booked.Day >= rule.EffectiveFrom)
                && (rule.EffectiveTo is null || booked.Day < rule.EffectiveTo))
            {
                Ask(rule);
            }
        }

        AddFacts(facts.Debtor, "debtor");
        AddFacts(facts.Creditor, "creditor");
        var score = Score(_contributions);
        var (outcome, standing) = OutcomeOf(score, booked, facts);
        _reasons.Sort(StringComparer.Ordinal);
        var decision = new Decision
        {
            Transaction = booked.Transaction.Key,
            Number = booked.Number,
            Outcome = outcome,
            Score = score,
            Threshold = options.RiskThreshold,
            IsLate = history.IsLate(booked),
            Contributions = _contributions.Count == 0 ? [] : _contributions.ToArray(),
            Unanswered = _unanswered.Count == 0 ? [] : _unanswered.ToArray(),
            Reasons = _reasons.Count == 0 ? [] : _reasons.ToArray(),
            Alert = AlertOf(score, booked, _matches),
            Shadow = _shadow.IsSilent ? null : ShadowOf(score, booked, standing),
        };
        decision.Record = _record.Write(decision, booked, facts, _scope);
        return decision;
    }

    private static decimal Score(List<Contribution> contributions)
    {
        var score = 0m;
        foreach (var item in contributions)
        {
            score += item.Score;
        }

        return Math.Min(1m, score);
    }

    /// <summary>Asks on the debtor's side, then on the creditor's, until the rule matches.</summary>
    private void Ask(Rule rule)
    {
        for (var side = 0; side < _sides.Length; side++)
        {
            var isDebtorSide = side == 0;
            if (!LooksAt(rule, isDebtorSide) || !IsUnder(rule, in _sides[side]))
            {
                continue;
            }

            _scope.TakeSide(isDebtorSide);
            if (AskOnSide(rule, isDebtorSide) || !rule.DependsOnSide)
            {
                break;
            }
        }

        _scope.TakeSide(true);
    }

    private void Because(string reason)
    {
        if (!_reasons.Contains(reason))
        {
            _reasons.Add(reason);
        }
    }

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
        if (rule.Cases.Count > 0 && AskCases(rule, isDebtorSide) is { } matched)
        {
            return matched;
        }

        var value = rule.Conditions.Evaluate(_scope);
        if (value.IsUnknown)
        {
            return Unknown(rule, value.Reason, isDebtorSide);
        }

        var band = BandOf(rule, in value);
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

    /// <summary>Whether a case matched; null when none of them holds.</summary>
    private bool? AskCases(Rule rule, bool isDebtorSide)
    {
        for (var at = 0; at < rule.Cases.Count; at++)
        {
            var (when, outcome) = rule.Cases[at];
            var holds = when.Evaluate(_scope);
            if (holds.IsUnknown)
            {
                return Unknown(rule, holds.Reason, isDebtorSide);
            }

            if (!holds.IsTrue)
            {
                continue;
            }

            if (outcome.Score > 0)
            {
                Match(rule, isDebtorSide, outcome.Score, outcome.Ref, when.Counterfactual(_scope));
            }

            return outcome.Score > 0;
        }

        return null;
    }

    private static Band? BandOf(Rule rule, in Value value)
    {
        foreach (var band in rule.Bands)
        {
            if (band.Upto is null || value.Number < band.Upto)
            {
                return band;
            }
        }

        return null;
    }

    private bool Unknown(Rule rule, UnknownReason reason, bool isDebtorSide)
    {
        var outcome = rule.OutcomeOf(reason);
        (rule.IsShadow ? _shadow.Unanswered : _unanswered).Add(rule.UnansweredFor(reason));
        if (outcome == UnknownOutcome.Review && !rule.IsShadow)
        {
            Because("rule_unanswered");
        }

        if (outcome == UnknownOutcome.Match)
        {
            var band = rule.UnknownBands.GetValueOrDefault(reason);
            Match(
                rule, isDebtorSide, band?.Score ?? rule.Score, band?.Ref,
                [$"it could be answered ({Value.Wire(reason)})"]);
        }

        return outcome == UnknownOutcome.Match;
    }

    private void Match(Rule rule, bool isDebtorSide, decimal score, string? band, IReadOnlyList<string> counterfactual)
    {
        var side = !rule.DependsOnSide ? "both" : isDebtorSide ? "debtor" : "creditor";
        (rule.IsShadow ? _shadow.Contributions : _contributions)
            .Add(new Contribution(rule.Name, rule.Digest, rule.Version, side, score, band, counterfactual));
        (rule.IsShadow ? _shadow.Matches : _matches).Add((rule, isDebtorSide));
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
                Because("screening_possible");
                break;
            case ScreeningState.Confirmed:
                Because("screening_confirmed");
                break;
            case ScreeningState.Unknown:
                Because("screening_unknown");
                break;
            default:
                break;
        }
    }

    private (DecisionOutcome Outcome, PartyConditionKind? Standing) OutcomeOf(
        decimal score, Booked booked, PartyFacts facts)
    {
        if (_matches.Exists(match => match.Rule.Actions.Block))
        {
            Because("rule_blocks");
        }

        if (!options.IsStateComplete)
        {
            Because("state_incomplete");
        }

        var standing = Standing(booked.Transaction.OccurredAt, facts);
        return (
            Verdict(score, standing, _reasons.Contains("rule_blocks"), _reasons.Contains("rule_unanswered")), standing);
    }

    private DecisionOutcome Verdict(
        decimal score, PartyConditionKind? standing, bool isBlocked, bool isUnanswered)
    {
        if (_reasons.Contains("screening_confirmed") || standing == PartyConditionKind.Block)
        {
            return DecisionOutcome.Block;
        }

        // An override answers rules; it does not answer screening, nor a state that is not complete.
        var isOverridden = standing == PartyConditionKind.Override;
        if (!isOverridden && (isBlocked || standing == PartyConditionKind.OverridableBlock))
        {
            return DecisionOutcome.Block;
        }

        var asksForReview = _reasons.Exists(IsGrave)
            || (!isOverridden && (score >= options.RiskThreshold || isUnanswered));
        return asksForReview ? DecisionOutcome.Review : DecisionOutcome.Approve;
    }

    // What no override answers.
    private static bool IsGrave(string reason) =>
        reason is "screening_possible" or "screening_unknown" or "state_incomplete";

    private PartyConditionKind? Standing(DateTimeOffset at, PartyFacts facts)
    {
        PartyConditionKind? standing = null;
        if (facts.Debtor.Conditions is null && facts.Creditor.Conditions is null)
        {
            return null;
        }

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
            Because(kind switch
            {
                PartyConditionKind.Block => "party_block",
                PartyConditionKind.Override => "party_override",
                PartyConditionKind.OverridableBlock => "party_block_overridable",
                _ => throw new InvalidOperationException(),
            });
        }

        return standing;
    }

    /// <summary>The decision as it would have been with the rules in shadow beside the others.</summary>
    private ShadowDecision ShadowOf(decimal live, Booked booked, PartyConditionKind? standing)
    {
        var score = Math.Min(1m, live + Score(_shadow.Contributions));
        List<(Rule Rule, bool IsDebtorSide)> matches = [.. _matches, .. _shadow.Matches];
        return new ShadowDecision(
            Verdict(
                score, standing, matches.Exists(match => match.Rule.Actions.Block),
                _reasons.Contains("rule_unanswered") || _shadow.Unanswered.Exists(item => item.AsksForReview)),
            score, _shadow.Contributions.ToArray(), _shadow.Unanswered.ToArray(), AlertOf(score, booked, matches));
    }

    private AlertRequest? AlertOf(decimal score, Booked booked, List<(Rule Rule, bool IsDebtorSide)> matches)
    {
        if (score < options.RiskThreshold || !matches.Exists(match => match.Rule.Actions.Alert))
        {
            return null;
        }

        var alerting = matches.FindAll(match => match.Rule.Actions.Alert);

        var most = alerting.MaxBy(match => _scope.Scores[match.Rule.Name]);
        var party = booked.Side(most.IsDebtorSide);
        return new AlertRequest(
            party.Account,
            party.Customer,
            most.Rule.Name,
            matches.Max(match => match.Rule.Severity),
            matches.Any(match => match.Rule.Actions.RequireDocumentation));
    }

    /// <summary>What rules in shadow came to; kept apart, so that nothing of it reaches the decision.</summary>
    private sealed class Shadow
    {
        public List<Contribution> Contributions { get; } = [];

        public List<Unanswered> Unanswered { get; } = [];

        public List<(Rule Rule, bool IsDebtorSide)> Matches { get; } = [];

        public bool IsSilent => Contributions.Count == 0 && Unanswered.Count == 0;

        public void Clear()
        {
            Contributions.Clear();
            Unanswered.Clear();
            Matches.Clear();
        }
    }

    /// <summary>A side as rules ask for it.</summary>
    /// <param name="IsOurs">Whether it is judged.</param>
    /// <param name="Law">The law its account is under; null when unknown.</param>
    /// <param name="IsInUnion">Whether that is the law of a member of the EU on the day.</param>
    /// <param name="Segment">The segment of its customer; null when unknown.</param>
    private readonly record struct SideOfLaw(bool IsOurs, string? Law, bool IsInUnion, string? Segment);
}
