using System.Collections.Immutable;
using System.Globalization;

namespace Probity.Monitoring.Rating;

/// <summary>What a fact is.</summary>
public enum RatingFactKind
{
    /// <summary>Words, as a set.</summary>
    Texts,

    /// <summary>An exact decimal.</summary>
    Number,

    /// <summary>True or false.</summary>
    Truth,
}

/// <summary>A fact that scorecards may ask for.</summary>
/// <param name="Name">As a scorecard names it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Meaning">In words.</param>
public sealed record RatingFactName(string Name, RatingFactKind Kind, string Meaning);

/// <summary>The value of a fact.</summary>
public abstract record RatingFact
{
    private RatingFact()
    {
    }

    /// <summary>Words.</summary>
    /// <param name="Values">Sorted, each once.</param>
    public sealed record Texts(ImmutableSortedSet<string> Values) : RatingFact
    {
        /// <inheritdoc/>
        public bool Equals(Texts? other) => other is not null && Values.SetEquals(other.Values);

        /// <inheritdoc/>
        public override int GetHashCode() => Values.Count;
    }

    /// <summary>An exact decimal.</summary>
    /// <param name="Value">The value.</param>
    public sealed record Number(decimal Value) : RatingFact;

    /// <summary>True or false.</summary>
    /// <param name="Value">The value.</param>
    public sealed record Truth(bool Value) : RatingFact;
}

/// <summary>
/// What is known of a customer on a day: what a rating is computed from, and nothing else. A fact that is not known is
/// absent, which is no value. Immutable.
/// </summary>
public sealed class RatingFacts
{
    private readonly ImmutableSortedDictionary<string, RatingFact> _facts;

    private RatingFacts(DateOnly on, ImmutableSortedDictionary<string, RatingFact> facts) => (On, _facts) = (on, facts);

    /// <summary>Every fact there may be.</summary>
    public static IReadOnlyList<RatingFactName> Names { get; } =
    [
        new("kind", RatingFactKind.Texts, "person or organisation"),
        new("countries", RatingFactKind.Texts, "Nationality, residence, incorporation, registration, birth and tax"),
        new("segment", RatingFactKind.Texts, "The segment that was told"),
        new("industry", RatingFactKind.Texts, "The industry that was told"),
        new("products", RatingFactKind.Texts, "Products of the accounts"),
        new("channel", RatingFactKind.Texts, "How the customer was taken on: branch, online, agent or introducer"),
        new("is_pep", RatingFactKind.Truth, "A politically exposed person, or close to one"),
        new("owner_is_pep", RatingFactKind.Truth, "So is somebody behind the customer"),
        new("screening", RatingFactKind.Texts, "clear, possible, confirmed or unknown"),
        new("owner_screening", RatingFactKind.Texts, "The same of those behind the customer, each once"),
        new("adverse", RatingFactKind.Texts, "Kinds of adverse facts that were told"),
        new("past_alerts", RatingFactKind.Number, "Alerts of the last 365 days that were not false"),
        new("activity_ratio", RatingFactKind.Number,
            "What moved in a month, of the expected currency, divided by what was expected"),
        new("source_of_funds", RatingFactKind.Truth, "Whether it was told"),
        new("ownership_unknown", RatingFactKind.Number, "Percent of the ownership that nobody is named for"),
        new("ownership_depth", RatingFactKind.Number, "Links between the customer and the furthest party above it"),
        new("ownership_circular", RatingFactKind.Truth, "Whether shares run in circles"),
        new("documents", RatingFactKind.Texts, "none, held, expiring (within 30 days) or expired"),
        new("review_overdue", RatingFactKind.Truth, "Whether the periodic review is overdue"),
        new("months_known", RatingFactKind.Number, "Whole months since the relationship began"),
    ];

    /// <summary>The day they are known on.</summary>
    public DateOnly On { get; }

    /// <summary>The facts by name, sorted.</summary>
    public IReadOnlyDictionary<string, RatingFact> All => _facts;

    /// <summary>Makes facts; those that are null are left out.</summary>
    /// <exception cref="ArgumentException">A fact has no such name or another kind.</exception>
    public static RatingFacts Of(DateOnly on, IEnumerable<KeyValuePair<string, RatingFact?>> facts)
    {
        var known = ImmutableSortedDictionary.CreateBuilder<string, RatingFact>(StringComparer.Ordinal);
        foreach (var (name, fact) in facts)
        {
            if (KindOf(name) is not { } kind || (fact is not null && kind != KindOf(fact)))
            {
                throw new ArgumentException($"There is no fact {name} of this kind.", nameof(facts));
            }

            if (fact is not null)
            {
                known[name] = fact;
            }
        }

        return new RatingFacts(on, known.ToImmutable());
    }

    /// <summary>The same facts on another day.</summary>
    public RatingFacts At(DateOnly day) => new(day, _facts);

    /// <summary>A fact, or null when it is not known.</summary>
    public RatingFact? Find(string name) => _facts.GetValueOrDefault(name);

    /// <summary>The kind of a fact; null when there is none of this name.</summary>
    public static RatingFactKind? KindOf(string name) => Names.FirstOrDefault(item => item.Name == name)?.Kind;

    private static RatingFactKind KindOf(RatingFact fact) => fact switch
    {
        RatingFact.Texts => RatingFactKind.Texts,
        RatingFact.Number => RatingFactKind.Number,
        RatingFact.Truth => RatingFactKind.Truth,
        _ => throw new ArgumentException("There is no other fact.", nameof(fact)),
    };

    /// <summary>Words as a fact; null when there are none.</summary>
    public static RatingFact? Words(IEnumerable<string?> words)
    {
        var set = words.OfType<string>().ToImmutableSortedSet(StringComparer.Ordinal);
        return set.IsEmpty ? null : new RatingFact.Texts(set);
    }

    /// <summary>A number as a fact, without trailing zeros.</summary>
    public static RatingFact? Number(decimal? value) => value is { } known
        ? new RatingFact.Number(
            decimal.Parse(known.ToString("0.############", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
        : null;

    /// <summary>A truth as a fact.</summary>
    public static RatingFact? Truth(bool? value) => value is { } known ? new RatingFact.Truth(known) : null;
}
