using System.Collections.Immutable;
using Probity.Screening.Model;

namespace Probity.Screening.Matching;

/// <summary>A listed entity that a query found.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Name">The name that matched best; null when an identifier found an entity without names.</param>
/// <param name="Score">Name and evidence together, 0 to 10,000.</param>
/// <param name="NameScore">The name alone, 0 to 10,000; 0 when only an identifier matched.</param>
/// <param name="Information">How much the agreeing words say, in sixteenths of a bit.</param>
/// <param name="Evidence">The other fields.</param>
public sealed record ScreeningMatch(
    ListedEntity Entity, ListedName? Name, int Score, int NameScore, int Information, ImmutableArray<Evidence> Evidence)
{
    /// <summary>Gets the number of the name in its index, or -1 when an identifier matched alone.</summary>
    internal int IndexNumber { get; init; } = -1;

    /// <summary>Gets whether the name was found in the index of persons.</summary>
    internal bool IsPerson { get; init; }


    /// <summary>Orders by score, name score, information, list and uid.</summary>
    public static IComparer<ScreeningMatch> BestFirst { get; } = Comparer<ScreeningMatch>.Create(static (one, other) =>
        other.Score != one.Score ? other.Score.CompareTo(one.Score)
        : other.NameScore != one.NameScore ? other.NameScore.CompareTo(one.NameScore)
        : other.Information != one.Information ? other.Information.CompareTo(one.Information)
        : string.CompareOrdinal(one.Entity.List.Value, other.Entity.List.Value) is var list and not 0 ? list
        : string.CompareOrdinal(one.Entity.Uid, other.Entity.Uid));
}
