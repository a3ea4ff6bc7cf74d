using Probity.Screening.Model;
using Probity.Screening.Text;

namespace Probity.ScreeningQuality;

/// <summary>
/// What no engine can avoid on name alone: an innocent who bears a listed name, all of its words, must alert, since a
/// listed name typed exactly always does. Names of weak quality are left out, and so are titles and particles.
/// </summary>
internal sealed class Floor
{
    private readonly bool _isPerson;
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> _names = new(StringComparer.Ordinal);

    public Floor(IEnumerable<ListedEntity> entities, EntityKind kind)
    {
        _isPerson = kind == EntityKind.Person;
        var number = 0;
        foreach (var name in entities.Where(entity => entity.Kind == kind).SelectMany(entity => entity.Names)
                     .Where(name => name.Kind != NameKind.Weak))
        {
            var words = WordsOf(name.Full);
            _whole.Add(Key(words));
            number++;
            foreach (var word in words)
            {
                if (!_names.TryGetValue(word, out var names))
                {
                    _names[word] = names = [];
                }

                names.Add(number);
            }
        }
    }

    /// <summary>Gets whether a listed name has the same words, in any order.</summary>
    public bool IsListed(string name) => WordsOf(name) is { Length: > 0 } words && _whole.Contains(Key(words));

    /// <summary>Gets whether one listed name has all of the words, and perhaps more.</summary>
    public bool IsWithinListed(string name)
    {
        HashSet<int>? both = null;
        foreach (var word in WordsOf(name))
        {
            if (!_names.TryGetValue(word, out var names))
            {
                return false;
            }

            both = both is null ? [.. names] : [.. both.Intersect(names)];
        }

        return both is { Count: > 0 };
    }

    private string[] WordsOf(string name) =>
        [.. (_isPerson ? NameReader.Person(name) : NameReader.Organisation(name)).Tokens
            .Where(token => !token.IsLight).Select(token => token.Text)];

    private static string Key(string[] words) => string.Join(' ', words.Order(StringComparer.Ordinal));
}
