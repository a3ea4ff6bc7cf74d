using System.Collections.Immutable;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Hosting.Problems;
using Probity.Server.Screening.Batch;

namespace Probity.Server.Screening.Matching;

/// <summary>
/// One question, understood: the queries of its names (at least one), and how much is wanted. It is stored as it was
/// understood, so that a replay asks the same.
/// </summary>
/// <param name="Queries">One for each name; one without a name where there are identifiers alone.</param>
/// <param name="Threshold">0 to 10,000.</param>
/// <param name="Limit">The most results shown; the number of all is told beside them.</param>
internal sealed record Question(ImmutableArray<ScreeningQuery> Queries, int Threshold, int Limit)
{
    public const int MaxLimit = 50;
    public const int DefaultLimit = 10;
    private const int MaxNames = 20;
    private const int MaxValues = 50;
    private const int MaxText = 1_000;

    private static readonly string[] s_names = ["name", "alias", "weakAlias", "previousName"];
    private static readonly string[] s_dates = ["birthDate", "incorporationDate", "buildDate"];

    private static readonly string[] s_countries =
        ["nationality", "citizenship", "country", "jurisdiction", "flag", "mainCountry"];

    private static readonly string[] s_identifiers =
    [
        "idNumber", "passportNumber", "taxNumber", "registrationNumber", "imoNumber", "mmsi", "swiftBic", "leiCode",
        "publicKey", "innCode", "ogrnCode", "callSign", "identifier",
    ];

    /// <summary>Reads a question.</summary>
    /// <param name="asked">What was sent.</param>
    /// <param name="pointer">Where it stands, as a JSON Pointer.</param>
    /// <param name="threshold">0 to 1; null for the one in force.</param>
    /// <param name="limit">1 to <see cref="MaxLimit"/>; null for <see cref="DefaultLimit"/>.</param>
    /// <exception cref="ProblemException">request.bad_field, with each fault.</exception>
    /// <param name="inForce">0 to 10,000.</param>
    public static Question Read(MatchQuery asked, string pointer, decimal? threshold, int? limit, int inForce)
    {
        var faults = new List<ProblemFault>();
        Check(asked, pointer, faults);
        if (threshold is < 0 or > 1)
        {
            faults.Add(Fault("/threshold", "Give a number from 0 to 1."));
        }

        if (limit is < 1 or > MaxLimit)
        {
            faults.Add(Fault("/limit", $"Give a number from 1 to {MaxLimit}."));
        }

        if (!QueryCells.TryKind(asked.Schema ?? "", out var kind))
        {
            faults.Add(Fault(
                pointer + "/schema", "Use Person, Organization, Vessel, Airplane, or leave it out for any."));
        }

        var date = Date(asked, pointer, faults);
        if (faults.Count > 0)
        {
            throw new ProblemException(ErrorCodes.RequestBadField) { Faults = faults };
        }

        var names = Values(asked, s_names).Distinct(StringComparer.Ordinal).DefaultIfEmpty("");
        var query = new ScreeningQuery
        {
            Kind = kind,
            Date = date,
            Countries =
            [
                .. Values(asked, s_countries).SelectMany(text => (IEnumerable<string>)QueryCells.Countries(text))
                    .Distinct(StringComparer.Ordinal),
            ],
            Gender = GenderOf(Values(asked, ["gender"]).FirstOrDefault()),
            Identifiers = [.. Values(asked, s_identifiers).Distinct(StringComparer.Ordinal)],
            Address = Values(asked, ["address"]).FirstOrDefault(),
        };
        return new Question(
            WithNames(query, [.. names]),
            threshold is { } share ? (int)(share * 10_000) : inForce,
            limit ?? DefaultLimit);
    }

    /// <summary>Writes the question as it was understood.</summary>
    public void Write(Utf8JsonWriter json)
    {
        var first = Queries[0];
        json.WriteStartObject();
        WriteTexts(json, "names", Queries.Select(query => query.Name).Where(name => name.Length > 0));
        json.WriteString("kind", AnswerWriter.Snake(first.Kind.ToString()));
        WriteIfThere(json, "date", first.Date?.ToString());
        WriteTexts(json, "countries", first.Countries);
        var gender = first.Gender == Gender.Unknown ? null : AnswerWriter.Snake(first.Gender.ToString());
        WriteIfThere(json, "gender", gender);
        WriteTexts(json, "identifiers", first.Identifiers);
        WriteIfThere(json, "address", first.Address);
        json.WriteNumber("threshold", Threshold / 10_000m);
        json.WriteNumber("limit", Limit);
        json.WriteEndObject();
    }

    /// <summary>Reads back what <see cref="Write"/> wrote.</summary>
    /// <exception cref="JsonException">It was not written by it.</exception>
    public static Question Read(JsonElement stored)
    {
        var query = new ScreeningQuery
        {
            Kind = Enum.Parse<EntityKind>(Text(stored, "kind") ?? "", ignoreCase: true),
            Date = Text(stored, "date") is { } date ? QueryCells.Date(date) : null,
            Countries = [.. Texts(stored, "countries")],
            Gender = Enum.Parse<Gender>(Text(stored, "gender") ?? nameof(Gender.Unknown), ignoreCase: true),
            Identifiers = [.. Texts(stored, "identifiers")],
            Address = Text(stored, "address"),
        };
        return new Question(
            WithNames(query, [.. Texts(stored, "names").DefaultIfEmpty("")]),
            (int)(stored.GetProperty("threshold").GetDecimal() * 10_000),
            stored.GetProperty("limit").GetInt32());
    }

    /// <summary>One query for each name; the others stand beside it.</summary>
    public static ImmutableArray<ScreeningQuery> WithNames(ScreeningQuery query, ImmutableArray<string> names) =>
    [
        .. names.Select(name => query with { Name = name, OtherNames = [.. names.Where(other => other != name)] }),
    ];

    private static void Check(MatchQuery asked, string pointer, List<ProblemFault> faults)
    {
        if (asked.Properties is null)
        {
            faults.Add(Fault(pointer + "/properties", "Give the properties, of which name is the usual one."));
            return;
        }

        foreach (var (name, values) in asked.Properties)
        {
            if (values is null || values.Count > MaxValues
                || values.Any(value => value is null or { Length: > MaxText }))
            {
                faults.Add(Fault(
                    $"{pointer}/properties/{name}", $"Give up to {MaxValues} texts of up to {MaxText} characters."));
            }
        }

        if (faults.Count > 0)
        {
            return;
        }

        var names = Values(asked, s_names).Count();
        if (names > MaxNames)
        {
            faults.Add(Fault(pointer + "/properties/name", $"Give up to {MaxNames} names in one query."));
        }

        if (names == 0 && !Values(asked, s_identifiers).Any())
        {
            faults.Add(Fault(pointer + "/properties", "Give a name or an identifier: nothing else can be looked for."));
        }
    }

    private static PartialDate? Date(MatchQuery asked, string pointer, List<ProblemFault> faults)
    {
        var text = asked.Properties is null ? null : Values(asked, s_dates).FirstOrDefault();
        var date = text is null ? null : QueryCells.Date(text);
        if (text is not null && date is null)
        {
            faults.Add(Fault(pointer + "/properties/birthDate", "Write dates as 1980, 1980-03 or 1980-03-26."));
        }

        return date;
    }

    private static IEnumerable<string> Values(MatchQuery asked, string[] properties) => properties
        .SelectMany(property => asked.Properties!.TryGetValue(property, out var values) ? values : [])
        .Select(value => value.Trim()).Where(value => value.Length > 0);

    private static Gender GenderOf(string? text) => text?.ToUpperInvariant() switch
    {
        "M" or "MALE" => Gender.Male,
        "F" or "FEMALE" => Gender.Female,
        _ => Gender.Unknown,
    };

    private static ProblemFault Fault(string pointer, string text) =>
        new(pointer, ErrorCodes.RequestBadField.Code, text);

    private static string? Text(JsonElement stored, string name) =>
        stored.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement stored, string name) =>
        stored.TryGetProperty(name, out var values)
            ? values.EnumerateArray().Select(value => value.GetString() ?? "")
            : [];

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        if (values.Any())
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
    }

    private static void WriteIfThere(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
