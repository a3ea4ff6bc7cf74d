using System.Collections.Immutable;
using Probity.Monitoring.Ownership;

namespace Probity.Monitoring.Rating;

/// <summary>How a test asks for a fact.</summary>
public enum ScorecardOperator
{
    /// <summary>One of the words is among those named.</summary>
    In,

    /// <summary>One of the words is on a dated list on the day.</summary>
    InList,

    /// <summary>The number is at least the bound.</summary>
    AtLeast,

    /// <summary>The number is below the bound.</summary>
    Below,

    /// <summary>The truth is the one named.</summary>
    Is,

    /// <summary>The fact is known, or is not.</summary>
    Known,
}

/// <summary>One test of a case. A fact that is not known answers nothing but
/// <see cref="ScorecardOperator.Known"/>.</summary>
/// <param name="Fact">One of <see cref="RatingFacts.Names"/>.</param>
/// <param name="Operator">How.</param>
/// <param name="Words">For <see cref="ScorecardOperator.In"/>, or the one name of a list.</param>
/// <param name="Bound">For numbers.</param>
/// <param name="Truth">For truths and for known.</param>
public sealed record ScorecardTest(
    string Fact, ScorecardOperator Operator, ImmutableArray<string> Words, decimal Bound, bool Truth);

/// <summary>A case of a factor: when every test holds, the factor has at least these points.</summary>
/// <param name="When">All must hold.</param>
/// <param name="Points">0 to 100.</param>
/// <param name="Why">In words, for the explanation.</param>
public sealed record ScorecardCase(ImmutableArray<ScorecardTest> When, int Points, string Why);

/// <summary>A factor: the case with the most points that holds counts, times the weight.</summary>
/// <param name="Name">Stable, such as <c>geography</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Weight">Percent of the score; the weights of a scorecard are 100 together.</param>
/// <param name="Otherwise">Points when no case holds.</param>
/// <param name="Source">Where it is asked for.</param>
/// <param name="Cases">In the order of the document.</param>
public sealed record ScorecardFactor(
    string Name, string Title, int Weight, int Otherwise, string Source, ImmutableArray<ScorecardCase> Cases);

/// <summary>What no score goes below: when every test holds the rating is at least this.</summary>
/// <param name="When">All must hold.</param>
/// <param name="Rating">The least rating.</param>
/// <param name="Why">In words.</param>
/// <param name="Source">Where it is asked for.</param>
public sealed record ScorecardFloor(
    ImmutableArray<ScorecardTest> When, CustomerRating Rating, string Why, string Source);

/// <summary>
/// How customers are rated, as an institution decided it: factors with weights, floors, bands, and what follows from a
/// rating. Immutable and thread safe; made by <see cref="ScorecardReader"/>.
/// </summary>
public sealed record Scorecard
{
    /// <summary>Gets its name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the SHA-256 of its canonical document, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Gets the factors.</summary>
    public required ImmutableArray<ScorecardFactor> Factors { get; init; }

    /// <summary>Gets the floors.</summary>
    public required ImmutableArray<ScorecardFloor> Floors { get; init; }

    /// <summary>Gets the score from which a customer is medium, in hundredths: 1 to 10,000.</summary>
    public required int MediumFrom { get; init; }

    /// <summary>Gets the score from which a customer is high, in hundredths: above <see cref="MediumFrom"/>.</summary>
    public required int HighFrom { get; init; }

    /// <summary>Gets the months between two reviews, by rating: low, medium, high.</summary>
    public required ImmutableArray<int> ReviewMonths { get; init; }

    /// <summary>Gets after how many days the activity is looked at again.</summary>
    public required int ActivityDays { get; init; }

    /// <summary>Gets the checks a customer must pass, by level: simplified, standard, enhanced.</summary>
    public required ImmutableDictionary<string, ImmutableArray<string>> Checks { get; init; }

    /// <summary>Gets from which share on a person is a beneficial owner, by jurisdiction and day.</summary>
    public required ImmutableArray<OwnershipThreshold> Thresholds { get; init; }

    /// <summary>Gets the lists it brings along.</summary>
    public required ImmutableArray<DatedMember> Members { get; init; }

    /// <summary>Gets the months until the next review after a rating.</summary>
    public int MonthsFor(CustomerRating rating) => ReviewMonths[(int)rating];

    /// <summary>Whether a list has a member on a day.</summary>
    public bool IsListed(string list, string member, DateOnly on) => Members.Any(item =>
        item.List == list && item.Member == member && item.From <= on && (item.Until is null || on < item.Until));

    /// <summary>The first day after a day on which a list says something else; null when none does.</summary>
    public DateOnly? ChangesAfter(DateOnly on) => Members
        .SelectMany(item => new[] { item.From, item.Until })
        .Where(day => day > on).Min();
}
