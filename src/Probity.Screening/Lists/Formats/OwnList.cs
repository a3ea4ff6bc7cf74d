using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads the institution's own lists: a table, or JSON that also carries urgent additions.</summary>
/// <remarks>
/// The format is ours; <c>docs/reference/lists.md</c> shows it. A table has columns id, name and any of list, type,
/// aliases, weak_aliases, dob, country, identifier, gender, programme, source, valid_until, remarks; several values
/// of a field are separated by "|". An urgent addition bridges the days between a publication in a journal and the
/// official file (EU listings bind on publication), so it must name its source and the day on which it ends.
/// </remarks>
internal static partial class OwnList
{
    /// <summary>Reads a table.</summary>
    public static ListReadResult.Accepted ReadCsv(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.OwnCsv, limits);
        using var rows = TableReader.Open(file, ',', limits);
        using var table = new HeaderTable(rows, "id", "name");
        ListId? list = null;
        var count = 0;
        while (table.Next())
        {
            var own = ListOf(table["list"], file, table.Line);
            if (list is not null && list != own)
            {
                throw table.Fault("list", "The file mixes two lists.", "Give each list a file of its own.");
            }

            list = own;
            Entry(context, file, table.Line, own, column => Values(table[column]));
            count++;
        }

        context.Part(file, "list", count);
        return context.Finish(list ?? ListId.OwnDeny, file.Name);
    }

    /// <summary>Reads JSON: <c>{"list": …, "published": …, "entries": [{"id": …, "name": …}]}</c>.</summary>
    public static ListReadResult.Accepted ReadJson(ListFile file, ListLimits limits)
    {
        var context = new ReadContext(ListFormat.OwnJson, limits);
        using var document = Parse(file, limits);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("entries", out var entries)
            || entries.ValueKind != JsonValueKind.Array)
        {
            throw ReadContext.Fault(file, 1, "entries", "The file has no array \"entries\".");
        }

        var list = ListOf(JsonTexts.One(root, "list"), file, 1);
        context.PublishedOn = DateText.Day(JsonTexts.One(root, "published"));
        var number = 0;
        foreach (var entry in entries.EnumerateArray())
        {
            number++;
            Entry(context, file, number, list, name => JsonTexts.All(entry, name));
        }

        context.Part(file, "list", number);
        return context.Finish(list, file.Name);
    }

    private static JsonDocument Parse(ListFile file, ListLimits limits)
    {
        using var text = ListText.Utf8(file, limits);
        try
        {
            return JsonDocument.Parse(text.ReadToEnd(), new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException fault)
        {
            throw ReadContext.Fault(file, (fault.LineNumber ?? 0) + 1, null, "The JSON is broken.");
        }
    }

    private static ListId ListOf(string text, ListFile file, long line) => text.ToLowerInvariant() switch
    {
        "" or "deny" or "own_deny" => ListId.OwnDeny,
        "watch" or "own_watch" => ListId.OwnWatch,
        "urgent" => ListId.Urgent,
        var name when IdPattern().IsMatch(name) => new ListId(name),
        _ => throw ReadContext.Fault(file, line, "list",
            "The list is none of deny, watch, urgent and no name that begins with own_."),
    };

    private static void Entry(
        ReadContext context, ListFile file, long line, ListId list, Func<string, IReadOnlyList<string>> field)
    {
        var uid = First(field("id"));
        if (context.Has(uid))
        {
            throw ReadContext.Fault(file, line, "id", $"The id {uid} occurs twice.");
        }

        var entity = context.Entity(uid, file, line);
        entity.Kind = KindOf(First(field("type")), file, line);
        Names(entity, field);
        Each(field("dob"), text => entity.Date(DateKind.Birth, Checked(text, file, line), "Date of birth"));
        Each(field("country"), text => entity.Country(
            entity.Kind == EntityKind.Person ? CountryRole.Nationality : CountryRole.Registration, text));
        Each(field("identifier"), text => Identifier(entity, text, file, line));
        Each(field("address"), text => entity.Address(OfacRemarks.PlaceOf(text)));
        Each(field("programme"), entity.Programme);
        Each(field("position"), entity.Position);
        entity.Gender = UkNames.GenderOf(First(field("gender")), Gender.Unknown);
        Each(field("remarks"), entity.Remark);
        Bounds(entity, field, list, file, line);
    }

    private static void Names(EntityBuilder entity, Func<string, IReadOnlyList<string>> field)
    {
        foreach (var name in field("name"))
        {
            var kind = entity.HasStrongName ? NameKind.Strong : NameKind.Primary;
            entity.Name(name, kind, entity.Kind == EntityKind.Person ? OfacNames.Parts(name) : null);
        }

        Each(field("aliases"), text => entity.Name(text, NameKind.Strong));
        Each(field("weak_aliases"), text => entity.Name(text, NameKind.Weak));
    }

    private static void Bounds(
        EntityBuilder entity, Func<string, IReadOnlyList<string>> field, ListId list, ListFile file, long line)
    {
        entity.Source = First(field("source")) is { Length: > 0 } source ? source : null;
        entity.ListedOn = Day(First(field("listed_on")), "listed_on", file, line);
        entity.ValidUntil = Day(First(field("valid_until")), "valid_until", file, line);
        if (list == ListId.Urgent && (entity.Source is null || entity.ValidUntil is null))
        {
            throw ReadContext.Fault(file, line, entity.Source is null ? "source" : "valid_until",
                "An urgent addition must name its source and the day on which it ends.");
        }
    }

    private static string Checked(string text, ListFile file, long line) =>
        DateText.TryParse(text, DateKind.Birth, out _)
            ? text
            : throw ReadContext.Fault(file, line, "dob", "The date is none of YYYY, YYYY-MM, YYYY-MM-DD, 26 Mar 1990.");

    private static DateOnly? Day(string text, string field, ListFile file, long line)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return DateOnly.TryParseExact(
            text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw ReadContext.Fault(file, line, field, "The date is not YYYY-MM-DD.");
    }

    private static EntityKind KindOf(string text, ListFile file, long line) => text.ToLowerInvariant() switch
    {
        "person" or "individual" => EntityKind.Person,
        "organisation" or "organization" or "company" or "entity" => EntityKind.Organisation,
        "vessel" or "ship" => EntityKind.Vessel,
        "aircraft" => EntityKind.Aircraft,
        "address" => EntityKind.Address,
        "wallet" => EntityKind.Wallet,
        "" or "any" or "unknown" => EntityKind.Unknown,
        _ => throw ReadContext.Fault(file, line, "type",
            "The type is none of person, organisation, vessel, aircraft, address, wallet, any."),
    };

    // "passport:AB123456@PK", "imo:9187629", "wallet/XBT:1abc…", or a bare value.
    private static void Identifier(EntityBuilder entity, string text, ListFile file, long line)
    {
        var match = IdentifierPattern().Match(text);
        if (!match.Success)
        {
            throw ReadContext.Fault(file, line, "identifier", "The identifier is not kind:value@country.");
        }

        var label = match.Groups["kind"].Value;
        var kind = label.ToLowerInvariant() switch
        {
            "" => IdentifierKind.Other,
            "wallet" => IdentifierKind.Wallet,
            "national_id" => IdentifierKind.NationalId,
            "registration" => IdentifierKind.Registration,
            "call_sign" => IdentifierKind.CallSign,
            "tail_number" => IdentifierKind.TailNumber,
            "msn" => IdentifierKind.AircraftSerial,
            var word => IdentifierLabels.KindOf(word),
        };
        var currency = match.Groups["currency"].Value;
        entity.Identifier(kind, match.Groups["value"].Value, Countries.CodeOf(match.Groups["country"].Value),
            label.Length == 0 ? null : label, currency: currency.Length == 0 ? null : currency);
    }

    private static void Each(IReadOnlyList<string> values, Action<string> add)
    {
        foreach (var value in values)
        {
            add(value);
        }
    }

    private static string First(IReadOnlyList<string> values) => values.Count == 0 ? "" : values[0];

    private static string[] Values(string field) =>
        field.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    [GeneratedRegex("^own_[a-z0-9_]{1,40}$", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();

    [GeneratedRegex(
        @"^(?:(?<kind>[A-Za-z_]{2,20})(?:/(?<currency>[A-Z0-9]{2,8}))?:)?(?<value>[^@]{1,200})"
            + @"(?:@(?<country>[A-Za-z]{2}))?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex IdentifierPattern();
}
