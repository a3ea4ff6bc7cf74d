using System.Collections.Immutable;

namespace Probity.Monitoring.Rating;

/// <summary>A rating that a person set for a time, agreed to by a second one.</summary>
/// <param name="Id">Which.</param>
/// <param name="Rating">What was set.</param>
/// <param name="Until">The first instant it holds no more.</param>
public sealed record RatingOverride(string Id, CustomerRating Rating, DateTimeOffset Until);

/// <summary>What a factor gave.</summary>
/// <param name="Factor">The factor.</param>
/// <param name="Points">0 to 100.</param>
/// <param name="Cases">Places of the cases that hold, in the order of the document; empty when none does.</param>
public sealed record RatingContribution(ScorecardFactor Factor, int Points, ImmutableArray<int> Cases)
{
    /// <summary>Gets points times weight, in hundredths of the score.</summary>
    public int Score => Points * Factor.Weight;
}

/// <summary>A rating with its reasons.</summary>
public sealed record RatingResult
{
    /// <summary>Gets the scorecard it was computed by.</summary>
    public required Scorecard Scorecard { get; init; }

    /// <summary>Gets what it was computed from.</summary>
    public required RatingFacts Facts { get; init; }

    /// <summary>Gets the score in hundredths, 0 to 10,000: the sum of the contributions.</summary>
    public required int Score { get; init; }

    /// <summary>Gets what each factor gave, in the order of the scorecard.</summary>
    public required ImmutableArray<RatingContribution> Contributions { get; init; }

    /// <summary>Gets the floors that hold.</summary>
    public required ImmutableArray<ScorecardFloor> Floors { get; init; }

    /// <summary>Gets what score and floors come to.</summary>
    public required CustomerRating Computed { get; init; }

    /// <summary>Gets what was set by persons; null when nothing is.</summary>
    public RatingOverride? Override { get; init; }

    /// <summary>Gets the rating in force.</summary>
    public required CustomerRating Value { get; init; }
}

/// <summary>
/// Rates customers. Whole-number arithmetic: points times weight, in hundredths, summed. Pure: the same scorecard,
/// facts and override give the same rating.
/// </summary>
public static class Rater
{
    /// <summary>Rates a customer.</summary>
    /// <param name="scorecard">How.</param>
    /// <param name="facts">What is known.</param>
    /// <param name="set">What persons set and still holds; null for nothing. It never goes below a floor: what a
    /// regulation asks for is nobody's to lower.</param>
    public static RatingResult Rate(Scorecard scorecard, RatingFacts facts, RatingOverride? set)
    {
        ImmutableArray<RatingContribution> contributions =
            [.. scorecard.Factors.Select(factor => Contribution(scorecard, factor, facts))];
        ImmutableArray<ScorecardFloor> floors =
            [.. scorecard.Floors.Where(floor => Holds(scorecard, floor.When, facts))];
        var score = contributions.Sum(contribution => contribution.Score);
        var floor = floors.Select(item => item.Rating).DefaultIfEmpty(CustomerRating.Low).Max();
        var computed = Greater(BandOf(scorecard, score), floor);
        return new RatingResult
        {
            Scorecard = scorecard,
            Facts = facts,
            Score = score,
            Contributions = contributions,
            Floors = floors,
            Computed = computed,
            Override = set,
            Value = set is null ? computed : Greater(set.Rating, floor),
        };
    }

    /// <summary>Whether every test of a case holds.</summary>
    public static bool Holds(Scorecard scorecard, ImmutableArray<ScorecardTest> tests, RatingFacts facts) =>
        tests.All(test => Holds(scorecard, test, facts));

    private static RatingContribution Contribution(Scorecard scorecard, ScorecardFactor factor, RatingFacts facts)
    {
        ImmutableArray<int> cases =
        [
            .. Enumerable.Range(0, factor.Cases.Length).Where(i => Holds(scorecard, factor.Cases[i].When, facts)),
        ];
        var points = cases.Select(i => factor.Cases[i].Points).DefaultIfEmpty(factor.Otherwise).Max();
        return new RatingContribution(factor, points, cases);
    }

    private static bool Holds(Scorecard scorecard, ScorecardTest test, RatingFacts facts)
    {
        var fact = facts.Find(test.Fact);
        return (test.Operator, fact) switch
        {
            (ScorecardOperator.Known, _) => (fact is not null) == test.Truth,
            (ScorecardOperator.In, RatingFact.Texts texts) =>
                test.Words.Any(word => texts.Values.Contains(word)),
            (ScorecardOperator.InList, RatingFact.Texts texts) =>
                texts.Values.Any(word => scorecard.IsListed(test.Words[0], word, facts.On)),
            (ScorecardOperator.AtLeast, RatingFact.Number number) => number.Value >= test.Bound,
            (ScorecardOperator.Below, RatingFact.Number number) => number.Value < test.Bound,
            (ScorecardOperator.Is, RatingFact.Truth truth) => truth.Value == test.Truth,
            _ => false, // It is not known.
        };
    }

    private static CustomerRating BandOf(Scorecard scorecard, int score) =>
        score >= scorecard.HighFrom ? CustomerRating.High
        : score >= scorecard.MediumFrom ? CustomerRating.Medium
        : CustomerRating.Low;

    private static CustomerRating Greater(CustomerRating one, CustomerRating other) => one > other ? one : other;
}
