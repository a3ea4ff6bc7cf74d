using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Diff;

/// <summary>What an entry says that matters to screening, field by field, in a form that can be compared.</summary>
/// <remarks>
/// Left out on purpose: remarks and notes (footnotes), labels, day of listing, order, letter case, blanks. A change of
/// these screens nobody anew. Values are sorted and unique. Identifiers compare without blanks and signs.
/// </remarks>
public static class EntityFacts
{
    /// <summary>Lists the fields in the order in which a change is shown; fields without values are left out.</summary>
    public static ImmutableSortedDictionary<string, ImmutableSortedSet<string>> Of(ListedEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var fields = ImmutableSortedDictionary.CreateBuilder<string,
            ImmutableSortedSet<string>>(StringComparer.Ordinal);
        void Add(string field, IEnumerable<string?> values)
        {
            var set = values.OfType<string>().Where(value => value.Length != 0)
                .ToImmutableSortedSet(StringComparer.Ordinal);
            if (!set.IsEmpty)
            {
                fields.Add(field, set);
            }
        }

        Add("kind", [entity.Kind.ToString()]);
        Add("gender", [entity.Gender == Gender.Unknown ? null : entity.Gender.ToString()]);
        Add("primary_names", NamesOf(entity, NameKind.Primary));
        Add("strong_aliases", NamesOf(entity, NameKind.Strong));
        Add("weak_aliases", NamesOf(entity, NameKind.Weak));
        Add("dates", entity.Dates.Select(date => $"{date.Kind} {date}"));
        Add("identifiers", entity.Identifiers.Select(Identifier));
        Add("countries", entity.Countries.Select(country => $"{country.Role} {country.Code ?? Folded(country.Text)}"));
        Add("addresses", entity.Addresses.Select(Place));
        Add("birth_places", entity.BirthPlaces.Select(Place));
        Add("programmes", entity.Programmes.Select(Folded));
        Add("links", entity.Links.Select(Link));
        Add("positions", entity.Positions.Select(Folded));
        Add("subtype", [Folded(entity.Subtype)]);
        Add("valid_until", [entity.ValidUntil?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)]);
        return fields.ToImmutable();
    }

    /// <summary>Gets a hash of all that matters: equal for entries that differ in footnotes and order alone.</summary>
    /// <returns>64 lower-case hexadecimal digits; an exemption is bound to it.</returns>
    public static string Hash(ListedEntity entity)
    {
        var text = new StringBuilder();
        foreach (var (field, values) in Of(entity))
        {
            foreach (var value in values)
            {
                text.Append(field).Append('\u001F').Append(value).Append('\u001E');
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Gets what an entry says besides, as one text: remarks, notes, labels, languages, days of
    /// listing.</summary>
    internal static string Footnotes(ListedEntity entity) => string.Join('\n',
        entity.Names.Select(name => $"{Folded(name.Full)}|{name.Label}|{name.Language}|{name.Parts}")
            .Concat(entity.Identifiers.Select(id => $"{Identifier(id)}|{id.Value}|{id.Label}|{id.Note}"))
            .Concat(entity.Addresses.Select(place => $"{Place(place)}|{place.Note}"))
            .Order(StringComparer.Ordinal)
            .Concat([entity.Remarks, entity.Source, entity.ListedOn?.ToString("O", CultureInfo.InvariantCulture)]));

    private static IEnumerable<string> NamesOf(ListedEntity entity, NameKind kind) =>
        entity.Names.Where(name => name.Kind == kind).Select(name => Folded(name.Full));

    private static string Identifier(ListedIdentifier identifier) =>
        $"{identifier.Kind} {(identifier.Currency is null ? "" : identifier.Currency + " ")}"
        + (identifier.Kind == IdentifierKind.Wallet ? identifier.Value : IdentifierChecks.Compact(identifier.Value))
        + (identifier.Country is null ? "" : $" ({identifier.Country})");

    private static string Place(ListedAddress place) => string.Join(", ",
        new[] { place.Street, place.City, place.Region, place.PostalCode, place.Country ?? place.CountryText }
            .Select(Folded).Where(part => part.Length != 0));

    private static string Link(ListedLink link) =>
        $"{link.Kind} {link.TargetUid ?? Folded(link.TargetName)}"
        + (link.Percent is { } percent ? string.Create(CultureInfo.InvariantCulture, $" {percent:0.##} %") : "");

    // Upper case, one blank between words, typographic quotes and dashes as their plain signs, no closing full stop.
    private static string Folded(string? text)
    {
        var folded = new StringBuilder();
        foreach (var character in (text ?? "").Trim().TrimEnd('.', ','))
        {
            var plain = character switch
            {
                '\u2018' or '\u2019' or '\u02BC' or '`' => '\'',
                '\u201C' or '\u201D' => '"',
                '\u2010' or '\u2011' or '\u2012' or '\u2013' => '-',
                _ => char.ToUpperInvariant(character),
            };
            if (!char.IsWhiteSpace(plain) || (folded.Length != 0 && folded[^1] != ' '))
            {
                folded.Append(char.IsWhiteSpace(plain) ? ' ' : plain);
            }
        }

        return folded.ToString().TrimEnd();
    }
}
