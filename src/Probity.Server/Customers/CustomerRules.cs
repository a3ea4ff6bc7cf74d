using System.Collections.Frozen;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Customers;

/// <summary>What a customer must be like to be kept. Pure.</summary>
internal static class CustomerRules
{
    public const string Person = "person";
    public const string Organisation = "organisation";
    public const string Primary = "primary";

    /// <summary>The role of a party that is known through a customer only.</summary>
    public const string Related = "related";

    public const int MaxExternalId = 200;
    private const int MaxName = 512;
    private const int MaxValue = 128;
    private const int MaxAddress = 1_000;
    private const int MaxAccount = 64;

    /// <summary>Of names, identifiers, accounts and every other list; more would not fit into an entry.</summary>
    private const int MaxItems = 50;

    private static readonly FrozenSet<string> s_kinds = Set(Person, Organisation);
    private static readonly FrozenSet<string> s_genders = Set("female", "male");
    private static readonly FrozenSet<string> s_names = Set(Primary, "alias", "former", "maiden", "trade", "native");
    private static readonly FrozenSet<string> s_dates = Set("birth", "death", "incorporation");

    private static readonly FrozenSet<string> s_countries =
        Set("nationality", "residence", "birth", "incorporation", "registration", "tax");

    private static readonly FrozenSet<string> s_identifiers = Set(
        "passport", "national_id", "tax", "registration", "lei", "bic", "imo", "mmsi", "wallet", "other");

    /// <summary>The customer as it is kept: texts trimmed, codes in upper case.</summary>
    /// <exception cref="ProblemException">request.bad_field, with every fault and its place.</exception>
    public static CustomerDocument Checked(CustomerDocument asked)
    {
        var document = Tidied(asked);
        var faults = Faults(document).Take(50).ToList();
        return faults.Count == 0
            ? document : throw new ProblemException(ErrorCodes.RequestBadField) { Faults = faults };
    }

    /// <summary>Whether a text is a year, a month or a day that exists.</summary>
    public static bool IsDate(string text) =>
        text.Length switch { 4 => text + "-01-01", 7 => text + "-01", 10 => text, _ => "" } is { Length: 10 } day
        && DateOnly.TryParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.None, out _);

    private static CustomerDocument Tidied(CustomerDocument asked) => asked with
    {
        ExternalId = asked.ExternalId.Trim(),
        Role = Blank(asked.Role),
        LegalEntity = Blank(asked.LegalEntity),
        Gender = Blank(asked.Gender),
        Names =
        [
            .. asked.Names.Select((name, i) => name with
            {
                Text = Text(name.Text), Kind = Blank(name.Kind) ?? (i == 0 ? Primary : "alias"),
                Script = Blank(name.Script),
            }),
        ],
        Countries = [.. asked.Countries.Select(country => country with { Code = Code(country.Code) ?? "" })],
        Identifiers =
        [
            .. asked.Identifiers.Select(item => item with { Value = Text(item.Value), Country = Code(item.Country) }),
        ],
        Addresses =
        [
            .. asked.Addresses.Select(item => item with { Text = Text(item.Text), Country = Code(item.Country) }),
        ],
        Accounts =
        [
            .. asked.Accounts.Select(item => item with
            {
                Number = Text(item.Number), Currency = Code(item.Currency), Country = Code(item.Country),
            }),
        ],
    };

    private static IEnumerable<ProblemFault> Faults(CustomerDocument document)
    {
        if (document.ExternalId.Length is 0 or > MaxExternalId || document.ExternalId.Any(char.IsControl))
        {
            yield return Fault("/external_id", $"Give the customer's number in 1 to {MaxExternalId} characters.");
        }

        if (!s_kinds.Contains(document.Kind))
        {
            yield return Fault("/kind", OneOf(s_kinds));
        }

        if (document.Role is not (null or Related))
        {
            yield return Fault("/role", "Use related, or leave it out for a customer.");
        }

        if (document.LegalEntity is { } entity && !EntityScope.IsCode(entity))
        {
            yield return Fault("/legal_entity", "Use 1 to 64 letters, digits, -, _ and .");
        }

        if (document.Gender is { } gender && !s_genders.Contains(gender))
        {
            yield return Fault("/gender", OneOf(s_genders) + " Leave it out when it is neither or not known.");
        }

        if (document.Names.Count == 0 || document.Names[0].Kind != Primary)
        {
            yield return Fault("/names", "Give at least one name; the first is the primary one.");
        }

        foreach (var fault in ListFaults(document).Concat(DueDiligenceRules.Faults(document.DueDiligence)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<ProblemFault> ListFaults(CustomerDocument document) =>
        Each("/names", document.Names, name =>
                IsText(name.Text, MaxName) && s_names.Contains(name.Kind!) // Tidied gives each a kind.
                    && (name.Script is null || IsScript(name.Script)),
                $"text has 1 to {MaxName} characters; kind is one of {string.Join(", ", s_names.Order())}; script is "
                + "an ISO 15924 code such as Latn")
            .Concat(Each("/dates", document.Dates, date => s_dates.Contains(date.Kind) && IsDate(date.Date),
                $"kind is one of {string.Join(", ", s_dates.Order())}; date is 1980, 1980-03 or 1980-03-26"))
            .Concat(Each("/countries", document.Countries,
                country => s_countries.Contains(country.Kind) && IsCountry(country.Code),
                $"kind is one of {string.Join(", ", s_countries.Order())}; code is ISO 3166-1 alpha-2"))
            .Concat(Each("/identifiers", document.Identifiers,
                item => s_identifiers.Contains(item.Kind) && IsText(item.Value, MaxValue) && IsCountry(item.Country),
                $"kind is one of {string.Join(", ", s_identifiers.Order())}; value has 1 to {MaxValue} characters; "
                + "country is ISO 3166-1 alpha-2"))
            .Concat(Each("/addresses", document.Addresses,
                item => IsText(item.Text, MaxAddress) && IsCountry(item.Country),
                $"text has 1 to {MaxAddress} characters; country is ISO 3166-1 alpha-2"))
            .Concat(Each("/accounts", document.Accounts,
                item => IsText(item.Number, MaxAccount) && IsCountry(item.Country)
                    && (item.Currency is null || IsLetters(item.Currency, 3)) && DueDiligenceRules.IsAccount(item),
                $"number has 1 to {MaxAccount} characters; currency is ISO 4217, country ISO 3166-1 alpha-2, "
                + "opened_on a day such as 2026-03-02"));

    private static IEnumerable<ProblemFault> Each<T>(
        string pointer, IReadOnlyList<T> items, Func<T, bool> isSound, string rule)
    {
        if (items.Count > MaxItems)
        {
            yield return Fault(pointer, $"Give {MaxItems} at most.");
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (!isSound(items[i]))
            {
                yield return Fault(FormattableString.Invariant($"{pointer}/{i}"), rule + ".");
            }
        }
    }

    private static bool IsText(string text, int most) =>
        text.Length > 0 && text.Length <= most && !text.Any(char.IsControl);

    private static bool IsCountry(string? code) => code is null || IsLetters(code, 2);

    private static bool IsLetters(string code, int length) =>
        code.Length == length && code.All(char.IsAsciiLetterUpper);

    private static bool IsScript(string code) => code.Length == 4 && code.All(char.IsAsciiLetter);

    private static string Text(string text) => text.Trim();

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? Code(string? text) => Blank(text)?.ToUpperInvariant();

    private static string OneOf(FrozenSet<string> words) => $"Use one of {string.Join(", ", words.Order())}.";

    private static ProblemFault Fault(string pointer, string text) =>
        new(pointer, ErrorCodes.RequestBadField.Code, text);

    private static FrozenSet<string> Set(params string[] words) => words.ToFrozenSet(StringComparer.Ordinal);
}
