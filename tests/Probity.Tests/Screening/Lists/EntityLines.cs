using Probity.Screening.Model;

namespace Probity.Tests.Screening.Lists;

/// <summary>Writes an entity as lines, so that a golden shows every field of it.</summary>
internal static class EntityLines
{
    /// <summary>Writes one line per value; fields without a value are left out.</summary>
    public static string Of(ListedEntity entity) => string.Join('\n', Lines(entity)) + "\n";

    private static IEnumerable<string> Lines(ListedEntity entity)
    {
        yield return $"{entity.List} {entity.Uid} {entity.Kind}"
            + (entity.Gender == Gender.Unknown ? "" : $" {entity.Gender}")
            + (entity.ListedOn is { } listed ? $" listed {listed:yyyy-MM-dd}" : "")
            + (entity.ValidUntil is { } until ? $" until {until:yyyy-MM-dd}" : "")
            + (entity.Subtype is null ? "" : $" <{entity.Subtype}>")
                + (entity.Source is null ? "" : $" from {entity.Source}");
        foreach (var name in entity.Names)
        {
            yield return $"name {name.Kind} {name.Script} {name.Full}" + Opt(" [", name.Label, "]")
                + Opt(" {", name.Language, "}")
                + (name.Parts is { } parts
                    ? $" ({parts.Given}/{parts.Middle}/{parts.Patronymic}/{parts.Family}{Opt("/", parts.Title, "")})"
                        : "");
        }

        foreach (var line in entity.Dates.Select(date => $"date {date.Kind} {date}")
            .Concat(entity.Identifiers.Select(Identifier))
            .Concat(entity.Countries.Select(country => $"country {country.Role} {country.Code ?? "-"} {country.Text}"))
            .Concat(entity.BirthPlaces.Select(place => "birth " + Place(place)))
            .Concat(entity.Addresses.Select(place => "address " + Place(place)))
            .Concat(entity.Programmes.Select(text => "programme " + text))
            .Concat(entity.Links.Select(link => $"link {link.Kind} {link.TargetUid}{Opt(" ", link.TargetName, "")}"
                + Opt(" ", link.Percent?.ToString(System.Globalization.CultureInfo.InvariantCulture), " %")
                    + Opt(" [", link.Label, "]")))
            .Concat(entity.Positions.Select(text => "position " + text)))
        {
            yield return line;
        }

        if (entity.Remarks is { } remarks)
        {
            yield return "remarks " + (remarks.Length > 120 ? remarks[..120] + "…" : remarks);
        }
    }

    private static string Identifier(ListedIdentifier id) =>
        $"id {id.Kind} {id.Value}" + Opt(" ", id.Country, "") + Opt(" ", id.Currency, "")
        + (id.CheckDigits == CheckDigits.None ? "" : $" {id.CheckDigits}") + Opt(" [", id.Label, "]")
            + Opt(" {", id.Note, "}");

    private static string Place(ListedAddress place) => string.Join(" | ",
        new[] { place.Street, place.City, place.Region, place.PostalCode, place.Country ?? place.CountryText,
            place.Note }
            .Where(part => part is not null));

    private static string Opt(string before, string? text, string after) => text is null ? "" : before + text + after;
}
