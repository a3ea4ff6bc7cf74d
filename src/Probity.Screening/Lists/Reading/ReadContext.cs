using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Probity.Screening.Model;

namespace Probity.Screening.Lists.Reading;

/// <summary>What one reading gathers: entities by uid, parts, warnings. Not thread safe.</summary>
internal sealed class ReadContext(ListFormat format, ListLimits limits)
{
    private const int MaxWarnings = 200;

    private readonly Dictionary<string, EntityBuilder> _entities = new(StringComparer.Ordinal);
    private readonly List<EntityBuilder> _order = [];
    private readonly Dictionary<string, string> _strings = new(StringComparer.Ordinal);
    private readonly List<ListPart> _parts = [];
    private readonly List<string> _warnings = [];
    private int _warningCount;

    public ListLimits Limits => limits;

    /// <summary>Gets or sets the day of publication that the files state.</summary>
    public DateOnly? PublishedOn { get; set; }

    /// <summary>Gets or sets the rows that were merged into an entity already read.</summary>
    public int MergedRows { get; set; }

    /// <summary>Gets or sets whether uids are numbers given in order.</summary>
    public bool HasOrderedUids { get; set; }

    public List<string> MissingParts { get; } = [];

    public int Count => _order.Count;

    public IReadOnlyList<EntityBuilder> Entities => _order;

    /// <summary>Gets the builder of a uid, made new when it is met for the first time.</summary>
    public EntityBuilder Entity(string uid, ListFile file, long line)
    {
        if (_entities.TryGetValue(uid, out var known))
        {
            return known;
        }

        if (uid.Length is 0 or > 200)
        {
            throw Fault(file, line, "uid", "The id of the entry is empty or longer than 200 characters.");
        }

        if (_order.Count >= limits.Entities)
        {
            throw new ListFormatException(new ListFault(ListFaultKind.TooLarge, file.Name, line, null,
                $"The list has more than {limits.Entities} entries.", "Raise the limit if this is right."));
        }

        var made = new EntityBuilder(uid, this, file.Name, line);
        _entities.Add(uid, made);
        _order.Add(made);
        return made;
    }

    /// <summary>Gets the builder of a uid, or null.</summary>
    public EntityBuilder? Find(string uid) => _entities.GetValueOrDefault(uid);

    /// <summary>Tells whether the uid was met.</summary>
    public bool Has(string uid) => _entities.ContainsKey(uid);

    /// <summary>Gives one instance for equal texts that many entities share.</summary>
    public string Shared(string text)
    {
        if (_strings.TryGetValue(text, out var known))
        {
            return known;
        }

        if (_strings.Count < 50_000)
        {
            _strings.Add(text, text);
        }

        return text;
    }

    public void Warn(string file, long line, string text)
    {
        _warningCount++;
        if (_warnings.Count < MaxWarnings)
        {
            _warnings.Add($"{file}:{line}: {text}");
        }
    }

    public void Part(ListFile file, string role, int rows)
    {
        var facts = file.Inspect(limits);
        _parts.Add(new ListPart(file.PlainName, role, facts.Sha256, facts.Bytes, rows));
    }

    public static ListFormatException Fault(ListFile file, long line, string? field, string problem) =>
        new(new ListFault(ListFaultKind.Structure, file.Name, line, field, problem,
            "Correct the file or download it again."));

    /// <summary>Ends the reading and makes the list.</summary>
    /// <exception cref="ListFormatException">The list has no entries.</exception>
    public ListReadResult.Accepted Finish(ListId list, string name)
    {
        if (_order.Count == 0)
        {
            throw new ListFormatException(new ListFault(ListFaultKind.Truncated, name, null, null,
                "The list has no entries.", "An empty list screens nothing: download it again."));
        }

        var entities = ImmutableArray.CreateBuilder<ListedEntity>(_order.Count);
        foreach (var builder in _order)
        {
            entities.Add(builder.Build(list));
        }

        var version = new ListVersion(list, PublishedOn, Hash(), entities.Count);
        return new ListReadResult.Accepted(
            new ScreeningList(version, entities.MoveToImmutable()), Report(version.Count));
    }

    private ReadReport Report(int count)
    {
        var builders = _order.Take(count).ToList();
        return new ReadReport
        {
            Format = format,
            Parts = [.. _parts],
            MissingParts = [.. MissingParts],
            Kinds = builders.CountBy(item => item.Kind).ToImmutableSortedDictionary(),
            Names = builders.SelectMany(item => item.NameKinds).CountBy(kind => kind).ToImmutableSortedDictionary(),
            HighestUid = HasOrderedUids ? builders.Max(item => long.Parse(item.Uid, provider: null)) : null,
            MergedRows = MergedRows,
            Warnings = [.. _warnings],
            WarningCount = _warningCount,
        };
    }

    // The hash of one file is the list's; of several, the hash of the lines "role sha256", sorted, so that neither
    // the names nor the order of the files matter.
    private string Hash()
    {
        if (_parts.Count == 1)
        {
            return _parts[0].Sha256;
        }

        var lines = _parts.Select(part => $"{part.Role} {part.Sha256}\n").Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }
}
