using System.Collections.Immutable;
using Probity.Screening.Model;

namespace Probity.Screening.Matching;

/// <summary>Compares what is known beside the name, field by field. Missing data costs nothing.</summary>
internal static class EvidenceComparison
{
    public static ImmutableArray<Evidence> Compare(ScreeningQuery query, ListedEntity entity, EvidencePoints points) =>
        [DateOf(query, entity, points), CountryOf(query, entity, points), GenderOf(query, entity, points)];

    public static Evidence DateOf(ScreeningQuery query, ListedEntity entity, EvidencePoints points)
    {
        var kind = DateKindOf(entity.Kind);
        var ours = query.Date?.ToString() ?? "";
        var theirs = string.Join("; ", entity.DatesOf(kind));
        if (query.Date is not { } date || theirs.Length == 0)
        {
            return new Evidence(EvidenceField.Date, Agreement.Missing, ours, theirs, 0);
        }

        var best = entity.DatesOf(kind).Select(listed => Compare(date, listed)).MaxBy(Rank);
        var isFull = best.IsFull;
        return best.Agreement switch
        {
            Agreement.Agree => new Evidence(EvidenceField.Date, Agreement.Agree, ours, theirs,
                isFull ? points.DayAgrees : points.YearAgrees),
            Agreement.Near => new Evidence(EvidenceField.Date, Agreement.Near, ours, theirs, points.YearNear),
            Agreement.Disagree => new Evidence(
                EvidenceField.Date, Agreement.Disagree, ours, theirs,
                    best.Years > 2 ? points.YearDisagrees : points.DayDisagrees),
            Agreement.Missing => throw new InvalidOperationException("A date on both sides cannot be missing."),
            _ => throw new InvalidOperationException("No such agreement."),
        };
    }

    private static DateKind DateKindOf(EntityKind kind) => kind switch
    {
        EntityKind.Person or EntityKind.Unknown => DateKind.Birth,
        EntityKind.Vessel or EntityKind.Aircraft => DateKind.Built,
        _ => DateKind.Incorporation,
    };

    private static int Rank((Agreement Agreement, bool IsFull, int Years) row) =>
        (row.Agreement switch { Agreement.Agree => 300, Agreement.Near => 200,
            _ => 100 }) + (row.IsFull ? 50 : 0) - Math.Min(row.Years, 49);

    private static (Agreement Agreement, bool IsFull, int Years) Compare(PartialDate ours, ListedDate listed)
    {
        var (from, to) = (listed.From.First, listed.To.Last);
        var slack = listed.IsCirca ? 2 : 0;
        var isFull = ours.Precision == DatePrecision.Day && !listed.IsSpan
            && listed.From.Precision == DatePrecision.Day;
        if (ours.Last >= from && ours.First <= to)
        {
            return (Agreement.Agree, isFull, 0);
        }

        var years = Math.Max(from.Year - ours.Year, Math.Max(ours.Year - to.Year, 0));
        if (years <= slack)
        {
            return (IsExchanged(ours, listed) || !isFull || listed.IsCirca ? Agreement.Near : Agreement.Near, false,
                years);
        }

        return (years <= slack + 1 ? Agreement.Near : Agreement.Disagree, false, years - slack);
    }

    private static bool IsExchanged(PartialDate ours, ListedDate listed) =>
        !listed.IsSpan && ours.Year == listed.From.Year && ours.Month == listed.From.Day
            && ours.Day == listed.From.Month;

    public static Evidence CountryOf(ScreeningQuery query, ListedEntity entity, EvidencePoints points)
    {
        var theirs = entity.Countries.Select(country => country.Code)
            .Concat(entity.Addresses.Concat(entity.BirthPlaces).Select(address => address.Country))
            .OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var (oursText, theirsText) = (string.Join("; ", query.Countries), string.Join("; ", theirs));
        if (query.Countries.Length == 0 || theirs.Length == 0)
        {
            return new Evidence(EvidenceField.Country, Agreement.Missing, oursText, theirsText, 0);
        }

        return query.Countries.Any(country => theirs.Contains(country, StringComparer.OrdinalIgnoreCase))
            ? new Evidence(EvidenceField.Country, Agreement.Agree, oursText, theirsText, points.CountryAgrees)
            : new Evidence(EvidenceField.Country, Agreement.Disagree, oursText, theirsText, points.CountryDisagrees);
    }

    private static Evidence GenderOf(ScreeningQuery query, ListedEntity entity, EvidencePoints points)
    {
        var ours = query.Gender == Gender.Unknown ? "" : query.Gender.ToString();
        var theirs = entity.Gender == Gender.Unknown ? "" : entity.Gender.ToString();
        var agreement = ours.Length == 0
            || theirs.Length == 0 ? Agreement.Missing : ours == theirs ? Agreement.Agree : Agreement.Disagree;
        return new Evidence(
            EvidenceField.Gender, agreement, ours, theirs,
                agreement == Agreement.Disagree ? points.GenderDisagrees : 0);
    }
}

/// <summary>What evidence adds to a score or takes from it, in ten-thousandths; part of the published
/// weights.</summary>
public sealed record EvidencePoints
{
    /// <summary>Gets the points when the full date agrees.</summary>
    public int DayAgrees { get; init; } = 900;

    /// <summary>Gets the points when the year agrees and the day is not known on both sides.</summary>
    public int YearAgrees { get; init; } = 600;

    /// <summary>Gets the points when the dates are near.</summary>
    public int YearNear { get; init; }

    /// <summary>Gets the points when the years are two apart.</summary>
    public int DayDisagrees { get; init; } = -800;

    /// <summary>Gets the points when the years are more than two apart.</summary>
    public int YearDisagrees { get; init; } = -2200;

    /// <summary>Gets the points when a country agrees.</summary>
    public int CountryAgrees { get; init; } = 300;

    /// <summary>Gets the points when no country agrees.</summary>
    public int CountryDisagrees { get; init; } = -700;

    /// <summary>Gets the points when the genders differ.</summary>
    public int GenderDisagrees { get; init; } = -1500;

}
