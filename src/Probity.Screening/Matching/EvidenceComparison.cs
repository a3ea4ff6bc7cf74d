using System.Collections.Immutable;
using Probity.Screening.Model;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>Compares what is known beside the name, field by field. Missing data costs nothing.</summary>
internal static class EvidenceComparison
{
    public static ImmutableArray<Evidence> Compare(ScreeningQuery query, ListedEntity entity, EvidencePoints points)
    {
        ImmutableArray<Evidence> fields =
            [DateOf(query, entity, points), CountryOf(query, entity, points), GenderOf(query, entity, points)];
        return query.Address is { Length: > 0 } address ? fields.Add(AddressOf(address, entity, points)) : fields;
    }

    /// <summary>Confirms a hit by a weak alias that is one of the query's names; null when none is.</summary>
    public static Evidence? WeakNameOf(
        ScreeningQuery query, ListedEntity entity, ListedName matched, EvidencePoints points)
    {
        if (query.OtherNames.Length == 0)
        {
            return null;
        }

        foreach (var weak in entity.Names.Where(name => name.Kind == NameKind.Weak && !ReferenceEquals(name, matched)))
        {
            var plain = WordsOf(weak.Full);
            var ours = query.OtherNames.Prepend(query.Name)
                .FirstOrDefault(name => name.Length != 0 && WordsOf(name).SetEquals(plain));
            if (ours is not null)
            {
                return new Evidence(
                    EvidenceField.WeakName, Agreement.Agree, ours, weak.Full, points.WeakNameAgrees);
            }
        }

        return null;
    }

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

    /// <summary>
    /// An address agrees when the city is the same and the postal code or most words of the street are; the city alone
    /// is near. One that differs takes nothing off: people move, and lists keep old addresses.
    /// </summary>
    private static Evidence AddressOf(string ours, ListedEntity entity, EvidencePoints points)
    {
        var theirs = string.Join("; ", entity.Addresses.Select(Written).Where(text => text.Length != 0));
        if (theirs.Length == 0)
        {
            return new Evidence(EvidenceField.Address, Agreement.Missing, ours, "", 0);
        }

        var words = WordsOf(ours);
        var best = Agreement.Disagree;
        foreach (var address in entity.Addresses)
        {
            var (city, street) = (WordsOf(address.City ?? ""), WordsOf(address.Street ?? ""));
            var isCity = city.Count != 0 && city.IsSubsetOf(words);
            var isPostal = address.PostalCode is { Length: >= 3 } code && WordsOf(code).IsSubsetOf(words);
            var isStreet = street.Count >= 2 && street.Count(words.Contains) * 5 >= street.Count * 3;
            if (isStreet && (isCity || isPostal || city.Count == 0))
            {
                return new Evidence(
                    EvidenceField.Address, Agreement.Agree, ours, Written(address), points.AddressAgrees);
            }

            best = isCity || isPostal ? Agreement.Near : best;
        }

        return new Evidence(EvidenceField.Address, best, ours, theirs, 0);
    }

    private static string Written(ListedAddress address) => string.Join(
        ", ", new[] { address.Street, address.PostalCode, address.City, address.Region, address.CountryText }
            .OfType<string>());

    private static HashSet<string> WordsOf(string text) =>
        [.. RawWords.Read(text, isPerson: false).Select(word => word.Text)];

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

    /// <summary>Gets the points when city or postal code and most of the street are the same.</summary>
    public int AddressAgrees { get; init; } = 300;

    /// <summary>Gets the points when another of our names is a weak alias of the entry.</summary>
    public int WeakNameAgrees { get; init; } = 200;

}
