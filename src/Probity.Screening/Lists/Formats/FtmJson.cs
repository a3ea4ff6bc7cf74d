using System.Globalization;
using System.Text.Json;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads FollowTheMoney entities, one JSON object on a line, as OpenSanctions publishes them.</summary>
/// <remarks>
/// For those who hold a licence; none of that data is shipped. Source: FollowTheMoney schema reference (Person,
/// Organization, Company, LegalEntity, PublicBody, Vessel, Airplane, CryptoWallet, Address; Passport, Identification,
/// Sanction, Ownership, Family, UnknownLink). Entities come first in a pass of their own, what hangs on them second.
/// Where entries say whether they are a target, only targets are entities of the list.
/// </remarks>
internal static class FtmJson
{
    private static readonly Dictionary<string, EntityKind> s_kinds = new(StringComparer.Ordinal)
    {
        ["Person"] = EntityKind.Person, ["Organization"] = EntityKind.Organisation,
            ["Company"] = EntityKind.Organisation,
        ["LegalEntity"] = EntityKind.Unknown, ["PublicBody"] = EntityKind.Organisation,
        ["Vessel"] = EntityKind.Vessel, ["Airplane"] = EntityKind.Aircraft, ["CryptoWallet"] = EntityKind.Wallet,
        ["Address"] = EntityKind.Address,
    };

    private static readonly (string Property, IdentifierKind Kind)[] s_identifiers =
    [
        ("passportNumber", IdentifierKind.Passport), ("idNumber", IdentifierKind.NationalId),
        ("socialSecurityNumber", IdentifierKind.NationalId), ("taxNumber", IdentifierKind.TaxId),
        ("innCode", IdentifierKind.TaxId), ("vatCode", IdentifierKind.TaxId),
        ("registrationNumber", IdentifierKind.Registration), ("ogrnCode", IdentifierKind.Registration),
        ("uscCode", IdentifierKind.Registration), ("leiCode", IdentifierKind.Lei), ("swiftBic", IdentifierKind.Bic),
        ("imoNumber", IdentifierKind.Imo), ("mmsi", IdentifierKind.Mmsi), ("callSign", IdentifierKind.CallSign),
        ("dunsCode", IdentifierKind.Duns), ("isinCode", IdentifierKind.Isin),
            ("serialNumber", IdentifierKind.AircraftSerial),
        ("icaoCode", IdentifierKind.ModeS), ("email", IdentifierKind.Email), ("phone", IdentifierKind.Phone),
        ("website", IdentifierKind.Website),
    ];

    private static readonly (string Property, CountryRole Role)[] s_countries =
    [
        ("nationality", CountryRole.Nationality), ("citizenship", CountryRole.Citizenship),
        ("birthCountry", CountryRole.Birth), ("jurisdiction", CountryRole.Registration), ("flag", CountryRole.Flag),
        ("pastFlags", CountryRole.FormerFlag), ("country", CountryRole.Unspecified),
        ("mainCountry", CountryRole.Unspecified),
    ];

    private static readonly (string Property, DateKind Kind)[] s_dates =
    [
        ("birthDate", DateKind.Birth), ("deathDate", DateKind.Death), ("incorporationDate", DateKind.Incorporation),
        ("buildDate", DateKind.Built),
    ];

    /// <summary>The list that FollowTheMoney files become.</summary>
    public static ListId List { get; } = new("opensanctions");

    public static ListReadResult.Accepted Read(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.FtmJsonLines, limits);
        var count = 0;
        foreach (var (entry, line) in Lines(file, limits))
        {
            count++;
            if (s_kinds.TryGetValue(JsonTexts.One(entry, "schema"), out var kind) && IsTarget(entry))
            {
                Entity(context, file, line, kind, entry);
            }
        }

        foreach (var (entry, _) in Lines(file, limits))
        {
            Attached(context, entry);
        }

        context.Part(file, "list", count);
        return context.Finish(List, file.Name);
    }

    private static IEnumerable<(JsonElement Entry, long Line)> Lines(ListFile file, ListLimits limits)
    {
        using var rows = TableLines(file, limits);
        long line = 0;
        while (ReadLine(rows, file, line + 1, limits) is { } text)
        {
            line++;
            if (text.AsSpan().Trim().IsEmpty)
            {
                continue;
            }

            using var document = Parse(text, file, line);
            yield return (document.RootElement, line);
        }
    }

    private static TextReader TableLines(ListFile file, ListLimits limits) => ListText.Utf8(file, limits);

    // Lines of large companies have some 100 kB; without a bound one line could be the whole file.
    private static string? ReadLine(TextReader text, ListFile file, long line, ListLimits limits)
    {
        var characters = new System.Text.StringBuilder();
        for (int next; (next = text.Read()) >= 0 && next != '\n';)
        {
            characters.Append((char)next);
            if (characters.Length > limits.FieldChars * 16L)
            {
                throw new ListFormatException(new ListFault(ListFaultKind.TooLarge, file.Name, line, null,
                    "The line is too long.", "The file is not one JSON object on a line."));
            }
        }

        return characters.Length == 0 && text.Peek() < 0 ? null : characters.ToString();
    }

    private static JsonDocument Parse(string text, ListFile file, long line)
    {
        try
        {
            var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw ReadContext.Fault(file, line, null, "The line is not a JSON object.");
        }
        catch (JsonException)
        {
            throw ReadContext.Fault(file, line, null, "The JSON of the line is broken.");
        }
    }

    private static bool IsTarget(JsonElement entry) =>
        !entry.TryGetProperty("target", out var target) || target.ValueKind != JsonValueKind.False;

    private static void Entity(ReadContext context, ListFile file, long line, EntityKind kind, JsonElement entry)
    {
        var uid = JsonTexts.One(entry, "id");
        if (context.Has(uid))
        {
            throw ReadContext.Fault(file, line, "id", $"The id {uid} occurs twice.");
        }

        var entity = context.Entity(uid, file, line);
        entity.Kind = kind;
        var properties = entry.TryGetProperty("properties", out var found) ? found : default;
        Published(context, entry);
        Names(entity, entry, properties);
        Identifiers(entity, properties);
        Traits(entity, properties);
        entity.Source = string.Join("; ", JsonTexts.All(entry, "datasets"));
    }

    private static void Published(ReadContext context, JsonElement entry)
    {
        if (DateText.Day(JsonTexts.One(entry, "last_change")) is { } day
            && (context.PublishedOn is null || day > context.PublishedOn))
        {
            context.PublishedOn = day;
        }
    }

    private static void Names(EntityBuilder entity, JsonElement entry, JsonElement properties)
    {
        var parts = entity.Kind == EntityKind.Person
            && JsonTexts.All(properties, "firstName").Count == 1 && JsonTexts.All(properties, "lastName").Count == 1
            ? new NameParts(
                JsonTexts.One(properties, "firstName"), Null(JsonTexts.One(properties, "middleName")),
                Null(JsonTexts.One(properties, "fatherName")), JsonTexts.One(properties, "lastName"))
            : null;
        if (entity.Kind is not (EntityKind.Address or EntityKind.Wallet))
        {
            entity.Name(JsonTexts.One(entry, "caption"), NameKind.Primary, parts);
        }

        foreach (var (property, kind) in new[]
        {
            ("name", NameKind.Strong), ("alias", NameKind.Strong), ("previousName", NameKind.Strong),
            ("abbreviation", NameKind.Weak), ("weakAlias", NameKind.Weak),
        })
        {
            foreach (var name in JsonTexts.All(properties, property))
            {
                entity.Name(name, kind, label: property == "name" ? null : property);
            }
        }
    }

    private static string? Null(string text) => text.Length == 0 ? null : text;

    private static void Identifiers(EntityBuilder entity, JsonElement properties)
    {
        foreach (var (property, kind) in s_identifiers)
        {
            var real = property == "registrationNumber" && entity.Kind == EntityKind.Aircraft
                ? IdentifierKind.TailNumber : kind;
            var country = property is "innCode" or "ogrnCode" ? "RU" : null;
            foreach (var value in JsonTexts.All(properties, property))
            {
                entity.Identifier(real, value, country, property);
            }
        }

        foreach (var key in JsonTexts.All(properties, "publicKey"))
        {
            entity.Identifier(IdentifierKind.Wallet, key, currency: Null(JsonTexts.One(properties, "currency")));
        }
    }

    private static void Traits(EntityBuilder entity, JsonElement properties)
    {
        foreach (var (property, role) in s_countries)
        {
            foreach (var country in JsonTexts.All(properties, property))
            {
                entity.Country(role, country);
            }
        }

        foreach (var (property, kind) in s_dates)
        {
            foreach (var date in JsonTexts.All(properties, property))
            {
                entity.Date(kind, date, property);
            }
        }

        foreach (var address in JsonTexts.All(properties, "address").Concat(
            entity.Kind == EntityKind.Address ? JsonTexts.All(properties, "full") : []))
        {
            entity.Address(OfacRemarks.PlaceOf(address));
        }

        foreach (var place in JsonTexts.All(properties, "birthPlace"))
        {
            entity.BirthPlace(OfacRemarks.PlaceOf(place));
        }

        entity.Gender = UkNames.GenderOf(JsonTexts.One(properties, "gender"), Gender.Unknown);
        entity.Subtype = Null(JsonTexts.One(properties, "type"));
        Each(properties, "position", entity.Position);
        Each(properties, "programId", entity.Programme);
        Each(properties, "program", entity.Programme);
        Each(properties, "topics", text => entity.Remark("topic " + text));
        Each(properties, "notes", entity.Remark);
    }

    // Passports, sanctions and ties are objects of their own that name their entity.
    private static void Attached(ReadContext context, JsonElement entry)
    {
        if (!entry.TryGetProperty("properties", out var properties))
        {
            return;
        }

        switch (JsonTexts.One(entry, "schema"))
        {
            case "Passport" or "Identification":
                Document(context, properties, JsonTexts.One(entry, "schema") == "Passport");
                break;
            case "Sanction":
                Sanction(context, properties);
                break;
            case "Ownership":
                Link(context, properties, "asset", "owner", LinkKind.OwnedBy);
                Link(context, properties, "owner", "asset", LinkKind.OwnerOf);
                break;
            case "Directorship":
                Link(context, properties, "organization", "director", LinkKind.ControlledBy);
                break;
            case "Family":
                Link(context, properties, "person", "relative", LinkKind.Family);
                break;
            case "UnknownLink":
                Link(context, properties, "subject", "object", LinkKind.LinkedTo);
                break;
            default:
                break;
        }
    }

    private static void Document(ReadContext context, JsonElement properties, bool isPassport)
    {
        foreach (var holder in JsonTexts.All(properties, "holder"))
        {
            var type = JsonTexts.One(properties, "type");
            var kind = isPassport ? IdentifierKind.Passport : IdentifierLabels.KindOf(type);
            var country = Countries.CodeOf(JsonTexts.One(properties, "country"));
            Each(properties, "number", number =>
                context.Find(holder)?.Identifier(kind, number, country, Null(type)));
        }
    }

    private static void Sanction(ReadContext context, JsonElement properties)
    {
        foreach (var uid in JsonTexts.All(properties, "entity"))
        {
            if (context.Find(uid) is { } entity)
            {
                Each(properties, "program", entity.Programme);
                entity.ListedOn ??= DateText.Day(JsonTexts.One(properties, "startDate"));
            }
        }
    }

    private static void Link(ReadContext context, JsonElement properties, string from, string to, LinkKind kind)
    {
        foreach (var uid in JsonTexts.All(properties, from))
        {
            foreach (var target in JsonTexts.All(properties, to))
            {
                context.Find(uid)?.Link(new ListedLink
                {
                    Kind = kind,
                    TargetUid = target,
                    Percent = Percent(JsonTexts.One(properties, "percentage")),
                    Label = Null(JsonTexts.One(properties, "role")),
                });
            }
        }
    }

    private static decimal? Percent(string text) =>
        decimal.TryParse(
            text.TrimEnd('%', ' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
        && value is > 0 and <= 100
            ? value
            : null;

    private static void Each(JsonElement properties, string name, Action<string> add)
    {
        foreach (var text in JsonTexts.All(properties, name))
        {
            add(text);
        }
    }
}
