using System.Collections.Immutable;
using Probity.Screening.Model;

namespace Probity.Screening.Matching;

/// <summary>Finds entities by identifier: exact after blanks and punctuation are taken away and letters made one
/// case.</summary>
internal sealed class IdentifierIndex
{
    private static readonly string[] s_prefixes = ["IMO", "MMSI", "LEI", "BIC", "PASSPORT", "SWIFT"];

    private readonly Dictionary<string, List<(int Entity, ListedIdentifier Identifier)>> _rows;

    private IdentifierIndex(Dictionary<string, List<(int, ListedIdentifier)>> rows) => _rows = rows;

    public static IdentifierIndex Build(ImmutableArray<ListedEntity> entities)
    {
        var rows = new Dictionary<string, List<(int, ListedIdentifier)>>(StringComparer.Ordinal);
        for (var number = 0; number < entities.Length; number++)
        {
            foreach (var identifier in entities[number].Identifiers)
            {
                foreach (var key in Keys(identifier.Value, identifier.Kind).Distinct(StringComparer.Ordinal))
                {
                    if (!rows.TryGetValue(key, out var same))
                    {
                        rows.Add(key, same = []);
                    }

                    same.Add((number, identifier));
                }
            }
        }

        return new IdentifierIndex(rows);
    }

    /// <summary>Finds the entities that have an identifier; each once.</summary>
    public IEnumerable<(int Entity, ListedIdentifier Identifier)> Find(string identifier) =>
        Keys(identifier, IdentifierKind.Other)
            .SelectMany(key => _rows.GetValueOrDefault(key) ?? [])
            .DistinctBy(row => row.Entity);

    // A BIC has eight letters, or eleven of which XXX is the head office; "IMO" may stand before the number.
    private static IEnumerable<string> Keys(string value, IdentifierKind kind)
    {
        var key = Clean(value);
        if (key.Length == 0)
        {
            yield break;
        }

        yield return key;
        if (key.Length == 11 && key.EndsWith("XXX",
            StringComparison.Ordinal) && kind is IdentifierKind.Bic or IdentifierKind.Other)
        {
            yield return key[..8];
        }

        foreach (var prefix in s_prefixes)
        {
            if (key.Length > prefix.Length + 5 && key.StartsWith(prefix, StringComparison.Ordinal))
            {
                yield return key[prefix.Length..];
            }
        }
    }

    // Wallet addresses differ by case in some currencies, but no two listed ones differ by case alone.
    private static string Clean(string value) =>
        string.Concat(value.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
