using System.Text;
using Probity.Screening.Lists.Values;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Reading;

/// <summary>Gathers one entity while its rows are read: cleans texts, drops duplicates, keeps bounds.</summary>
internal sealed class EntityBuilder(string uid, ReadContext context, string file, long line)
{
    private readonly List<ListedName> _names = [];
    private readonly List<ListedDate> _dates = [];
    private readonly List<ListedIdentifier> _identifiers = [];
    private readonly List<ListedCountry> _countries = [];
    private readonly List<ListedAddress> _addresses = [];
    private readonly List<ListedAddress> _birthPlaces = [];
    private readonly List<string> _programmes = [];
    private readonly List<ListedLink> _links = [];
    private readonly List<string> _positions = [];
    private readonly List<string> _remarks = [];

    public string Uid => uid;

    public long Line => line;

    public EntityKind Kind { get; set; }

    public Gender Gender { get; set; }

    public string? Subtype { get; set; }

    public string? Source { get; set; }

    public DateOnly? ListedOn { get; set; }

    public DateOnly? ValidUntil { get; set; }

    public bool HasStrongName => _names.Exists(name => name.Kind != NameKind.Weak);

    public IReadOnlyList<string> Programmes => _programmes;

    public IEnumerable<NameKind> NameKinds => _names.Select(name => name.Kind);

    /// <summary>Makes one line of text: control characters and blanks become single blanks, ends are trimmed.</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var clean = new StringBuilder(text.Length);
        var pending = false;
        foreach (var character in text)
        {
            if (IsBlank(character))
            {
                pending = clean.Length != 0;
                continue;
            }

            if (pending)
            {
                clean.Append(' ');
                pending = false;
            }

            clean.Append(character);
        }

        return clean.Equals(text) ? text : clean.ToString();
    }

    private static bool IsBlank(char character) =>
        char.IsWhiteSpace(character) || char.IsControl(character) || character is '\u200B' or '\uFEFF';

    public void Name(
        string? full, NameKind kind, NameParts? parts = null, string? label = null, string? language = null)
    {
        var clean = Clean(full).Trim(',', ';').Trim();
        if (!clean.Any(char.IsLetterOrDigit))
        {
            return;
        }

        if (clean.Contains("??", StringComparison.Ordinal))
        {
            context.Warn(file, line, $"A name of {uid} has lost its letters to question marks.");
        }

        var at = _names.FindIndex(name => name.Full == clean);
        var name = new ListedName
        {
            Full = clean,
            Kind = kind,
            Script = NameScripts.Of(clean),
            Parts = parts,
            Label = Shared(label),
            Language = Shared(language),
        };
        if (at < 0)
        {
            Add(_names, name);
        }
        else if (kind < _names[at].Kind)
        {
            // Listed twice, the better kind counts, and parts once known are kept.
            _names[at] = name with { Parts = parts ?? _names[at].Parts };
        }
    }

    public void Date(ListedDate date) => AddNew(_dates, date);

    /// <summary>Adds a date from text; text that is no date goes to the remarks with a warning.</summary>
    public void Date(DateKind kind, string? text, string label)
    {
        var clean = Clean(text);
        if (clean.Length == 0)
        {
            return;
        }

        if (DateText.TryParse(clean, kind, out var date))
        {
            Date(date);
            return;
        }

        context.Warn(file, line, $"{label} \"{clean}\" of {uid} is not a date we can read; kept in the remarks.");
        Remark($"{label} {clean}");
    }

    public void Identifier(
        IdentifierKind kind, string? value, string? country = null, string? label = null, string? note = null,
        string? currency = null)
    {
        var clean = Clean(value).Trim(';', ',').Trim();
        if (!clean.Any(char.IsLetterOrDigit))
        {
            return;
        }

        // OFAC's "Legal Entity Number" holds numbers of national registers too.
        var real = kind == IdentifierKind.Lei && IdentifierChecks.Compact(clean).Length != 20
            ? IdentifierKind.Registration
            : kind;
        AddNew(_identifiers, new ListedIdentifier
        {
            Kind = real,
            Value = clean,
            Country = country,
            Currency = Shared(currency),
            CheckDigits = IdentifierChecks.Of(real, clean, country),
            Label = Shared(label),
            Note = Empty(note),
        });
    }

    public void Country(CountryRole role, string? text)
    {
        var clean = Clean(text).Trim(';', ',').Trim();
        if (clean.Length is 0 or > 120)
        {
            Remark(clean);
            return;
        }

        AddNew(_countries, new ListedCountry(role, Countries.CodeOf(clean), context.Shared(clean)));
    }

    public void Address(ListedAddress address) => Place(_addresses, address);

    public void BirthPlace(ListedAddress address)
    {
        Place(_birthPlaces, address);
        if (address.CountryText is { Length: > 0 } country)
        {
            Country(CountryRole.Birth, country);
        }
    }

    public void Programme(string? text)
    {
        var clean = Clean(text);
        if (clean.Length != 0)
        {
            AddNew(_programmes, context.Shared(clean));
        }
    }

    public void Link(ListedLink link) => AddNew(_links, link);

    public void Position(string? text)
    {
        var clean = Clean(text);
        if (clean.Length != 0)
        {
            AddNew(_positions, clean);
        }
    }

    public void Remark(string? text)
    {
        var clean = Clean(text);
        if (clean.Length != 0)
        {
            AddNew(_remarks, clean);
        }
    }

    public ListedEntity Build(ListId list)
    {
        if (_names.Count != 0 && _names.TrueForAll(name => name.Kind != NameKind.Primary))
        {
            _names[0] = _names[0] with { Kind = NameKind.Primary };
        }

        if (_names.Count == 0 && _identifiers.Count == 0 && _addresses.Count == 0)
        {
            throw new ListFormatException(new ListFault(ListFaultKind.Structure, file, line, "name",
                $"The entry {uid} has no name.",
                    "An entry without a name cannot be screened: download the file again."));
        }

        return new ListedEntity
        {
            List = list,
            Uid = uid,
            Kind = Kind,
            Names = [.. _names.OrderBy(name => name.Kind == NameKind.Primary ? 0 : 1)],
            Dates = [.. _dates],
            Identifiers = [.. _identifiers],
            Countries = [.. _countries],
            Addresses = [.. _addresses],
            BirthPlaces = [.. _birthPlaces],
            Gender = Gender,
            Programmes = [.. _programmes],
            Links = [.. _links],
            Positions = [.. _positions],
            Subtype = Shared(Subtype),
            Remarks = _remarks.Count == 0 ? null : string.Join("; ", _remarks),
            Source = Shared(Source),
            ListedOn = ListedOn,
            ValidUntil = ValidUntil,
        };
    }

    private void Place(List<ListedAddress> places, ListedAddress address)
    {
        var text = Empty(address.CountryText);
        var clean = new ListedAddress
        {
            Street = Empty(address.Street),
            City = Empty(address.City),
            Region = Empty(address.Region),
            PostalCode = Empty(address.PostalCode),
            Country = address.Country ?? Countries.CodeOf(text),
            CountryText = Shared(text),
            Note = Empty(address.Note),
        };
        if (clean != new ListedAddress())
        {
            AddNew(places, clean);
        }
    }

    private void AddNew<T>(List<T> items, T item)
    {
        if (!items.Contains(item))
        {
            Add(items, item);
        }
    }

    private void Add<T>(List<T> items, T item)
    {
        if (items.Count >= context.Limits.ItemsPerEntity)
        {
            throw new ListFormatException(new ListFault(ListFaultKind.TooLarge, file, line, null,
                $"The entry {uid} has more than {context.Limits.ItemsPerEntity} {typeof(T).Name} items.",
                "Ids are repeated or the file is damaged: download it again."));
        }

        items.Add(item);
    }

    private static string? Empty(string? text)
    {
        var clean = Clean(text).Trim(',', ';').Trim();
        return clean.Length == 0 ? null : clean;
    }

    private string? Shared(string? text) => Empty(text) is { } clean ? context.Shared(clean) : null;
}
