using Probity.Screening.Model;
using Probity.Server.Customers;

namespace Probity.Server.Screening.Hits;

/// <summary>Lays a customer beside a list entry, field by field, for the one who decides. Pure.</summary>
internal static class HitComparison
{
    /// <summary>The fields that either side has something in; names first.</summary>
    /// <param name="ours">The customer.</param>
    /// <param name="theirs">The list entry.</param>
    /// <param name="isAlike">The names were found to be alike: then they are never said to differ.</param>
    public static IReadOnlyList<ComparedField> Between(CustomerDocument ours, ListedEntity theirs, bool isAlike)
    {
        ComparedField[] fields =
        [
            Texts("names", ours.Names.Select(name => name.Text), theirs.Names.Select(name => name.Full)),
            Compare("kind", [ours.Kind], KindsOf(theirs), static (a, b) => a == b),
            Compare("birth date", DatesOf(ours, "birth"), DatesOf(theirs, DateKind.Birth), DatesMeet),
            Compare(
                "incorporation", DatesOf(ours, "incorporation"), DatesOf(theirs, DateKind.Incorporation), DatesMeet),
            Compare("gender", ours.Gender is { } gender ? [gender] : [], GendersOf(theirs), static (a, b) => a == b),
            Compare(
                "countries", ours.Countries.Where(country => country.Kind != "tax").Select(country => country.Code),
                theirs.Countries.Select(country => country.Code ?? country.Text)
                    .Concat(theirs.Addresses.Select(address => address.Country ?? address.CountryText ?? "")),
                static (a, b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase)),
            Compare(
                "identifiers", ours.Identifiers.Select(item => item.Value),
                theirs.Identifiers.Select(item => item.Value), static (a, b) => Plain(a) == Plain(b)),
            Texts("addresses", ours.Addresses.Select(address => address.Text), theirs.Addresses.Select(AddressOf)),
            Texts("programmes", [], theirs.Programmes),
            Texts("positions", [], theirs.Positions),
            Texts("remarks", [], theirs.Remarks is { } remarks ? [remarks] : []),
        ];
        if (isAlike && fields[0].Says == ComparedField.Differs)
        {
            fields[0] = fields[0] with { Says = ComparedField.Similar };
        }

        return [.. fields.Where(field => field.Ours.Count + field.Theirs.Count > 0)];
    }

    private static ComparedField Texts(string field, IEnumerable<string> ours, IEnumerable<string> theirs) =>
        Compare(field, ours, theirs, static (a, b) => Plain(a) == Plain(b));

    private static ComparedField Compare(
        string field, IEnumerable<string> ours, IEnumerable<string> theirs, Func<string, string, bool> isSame)
    {
        var (mine, other) = (Distinct(ours), Distinct(theirs));
        var says = mine.Count == 0 || other.Count == 0 ? ComparedField.Missing
            : mine.Any(a => other.Any(b => isSame(a, b))) ? ComparedField.Same : ComparedField.Differs;
        return new ComparedField(field, mine, other, says);
    }

    private static List<string> Distinct(IEnumerable<string> texts) =>
        [.. texts.Where(text => text.Length > 0).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> DatesOf(CustomerDocument customer, string kind) =>
        customer.Dates.Where(date => date.Kind == kind).Select(date => date.Date);

    private static IEnumerable<string> DatesOf(ListedEntity entity, DateKind kind) =>
        entity.DatesOf(kind).Select(date => date.ToString());

    // 1980 and 1980-03-26 may be the same day; a span or "circa" is compared by its years.
    private static bool DatesMeet(string ours, string theirs)
    {
        var listed = theirs.Replace("circa ", "", StringComparison.Ordinal).Split('/');
        var isSpan = listed.Length == 2 || theirs.StartsWith("circa", StringComparison.Ordinal);
        return isSpan
            ? string.CompareOrdinal(ours[..4], listed[0][..4]) >= 0
                && string.CompareOrdinal(ours[..4], listed[^1][..4]) <= 0
            : ours.StartsWith(theirs, StringComparison.Ordinal) || theirs.StartsWith(ours, StringComparison.Ordinal);
    }

    private static string[] KindsOf(ListedEntity entity) => entity.Kind switch
    {
        EntityKind.Person => [CustomerRules.Person],
        EntityKind.Organisation => [CustomerRules.Organisation],
        EntityKind.Unknown => [],
        EntityKind.Vessel or EntityKind.Aircraft or EntityKind.Address or EntityKind.Wallet =>
            [entity.Kind.ToString().ToLowerInvariant()],
        _ => throw new InvalidOperationException("No such kind."),
    };

    private static string[] GendersOf(ListedEntity entity) => entity.Gender switch
    {
        Gender.Female => ["female"],
        Gender.Male => ["male"],
        _ => [],
    };

    private static string AddressOf(ListedAddress address) => string.Join(
        ", ", new[] { address.Street, address.PostalCode, address.City, address.Region, address.CountryText }
            .OfType<string>());

    private static string Plain(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
