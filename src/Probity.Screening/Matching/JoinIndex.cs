using System.Runtime.InteropServices;
using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>Finds listed names whose words, written together, are one word of a query.</summary>
internal sealed class JoinIndex
{
    /// <summary>Fewer letters written together read as anything.</summary>
    private const int Shortest = 5;

    private const int ShortJoin = 6;

    private readonly string[] _texts;
    private readonly int[] _starts;
    private readonly (int Name, uint Words)[] _places;
    private readonly DeletionIndex _deletions;

    private JoinIndex(string[] texts, int[] starts, (int Name, uint Words)[] places)
    {
        _texts = texts;
        _starts = starts;
        _places = places;
        _deletions = DeletionIndex.Build(texts, static text => text.Length >= Shortest ? 1 : -1,
            id => WordSign.Of(texts[id], ""));
    }

    /// <summary>Builds the index: each two and three neighbours, and the whole name.</summary>
    public static JoinIndex Build(IReadOnlyList<NameEntry> entries)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = new List<(int Id, int Name, uint Words)>(entries.Count * 2);
        for (var name = 0; name < entries.Count; name++)
        {
            var tokens = entries[name].Name.Tokens;
            for (var start = 0; start + 1 < tokens.Length; start++)
            {
                Add(Join(tokens, start, 2), name, 3u << start);
                if (start + 2 < tokens.Length)
                {
                    Add(Join(tokens, start, 3), name, 7u << start);
                }
            }

            if (tokens.Length > 3)
            {
                Add(Whole(entries[name].Name), name, All(tokens.Length));
            }
        }

        return Sorted([.. ids.Keys], rows);

        void Add(string text, int name, uint words)
        {
            if (text.Length >= Shortest)
            {
                ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, text, out var isKnown);
                id = isKnown ? id : ids.Count - 1;
                rows.Add((id, name, words));
            }
        }
    }

    // By text, in the order of the names.
    private static JoinIndex Sorted(string[] texts, List<(int Id, int Name, uint Words)> rows)
    {
        var starts = new int[texts.Length + 1];
        foreach (var row in rows)
        {
            starts[row.Id + 1]++;
        }

        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        var next = starts.ToArray();
        var places = new (int Name, uint Words)[rows.Count];
        foreach (var row in rows)
        {
            places[next[row.Id]++] = (row.Name, row.Words);
        }

        return new JoinIndex(texts, starts, places);
    }

    /// <summary>What words written together may cost at most, in sixteenths of an edit.</summary>
    public const int MostCost = 27;

    /// <summary>The same for syllables romanised from Han or Hangul.</summary>
    public const int MostSyllabicCost = 3 + TokenSimilarity.Romanisation;

    /// <summary>Adds the names whose joined words are near a word of the query.</summary>
    public void Find(string word, uint mask, int mostCost, SearchScratch scratch)
    {
        scratch.Found.Clear();
        var limit = word.Length < 12 ? 2 : 3;
        _deletions.Find(word, 1, WordSign.Of(word, ""), limit, scratch.Found);
        scratch.Pattern.Set(word);
        foreach (var id in scratch.Found)
        {
            // What is found twice is offered twice, which changes nothing.
            var text = _texts[id];
            if (Math.Abs(text.Length - word.Length) > 2 || scratch.Pattern.Distance(text) > limit)
            {
                continue;
            }

            var cost = TokenDistance.Cost(word, text, 32) + 3;
            if (cost <= mostCost && IsNear(cost, Math.Max(text.Length, word.Length)))
            {
                var match = MatchOf(cost, Math.Max(text.Length, word.Length));
                for (var i = _starts[id]; i < _starts[id + 1]; i++)
                {
                    scratch.Joins.Add(new JoinHit(_places[i].Name, mask, _places[i].Words, match));
                }
            }
        }
    }

    /// <summary>Gets whether words written together are near enough: short ones read as too much.</summary>
    public static bool IsNear(int cost, int length) =>
        cost * (length <= ShortJoin ? 8 : 5) <= TokenDistance.Edit * length;

    /// <summary>Makes the match of words written together.</summary>
    public static WordMatch MatchOf(int cost, int length) =>
        new(1000 - (cost * 1000 / (TokenDistance.Edit * length)), cost, PartRelation.Joined);

    /// <summary>Writes some neighbouring words together; "" when one of them is no Latin word.</summary>
    public static string Join(NameToken[] tokens, int start, int count)
    {
        Span<char> text = stackalloc char[TokenDistance.MaxLength];
        var length = 0;
        for (var i = start; i < start + count; i++)
        {
            var raw = tokens[i].Raw.AsSpan();
            var isPattern = raw[0] == NameToken.Arabic;
            if ((!isPattern && !char.IsAsciiLetterOrDigit(raw[0])) || (i != start
                && isPattern != (text[0] == NameToken.Arabic)))
            {
                return "";
            }

            raw = isPattern && i != start ? raw[1..] : raw;
            raw = raw[..Math.Min(raw.Length, text.Length - length)];
            raw.CopyTo(text[length..]);
            length += raw.Length;
        }

        return new string(text[..length]);
    }

    /// <summary>Writes the whole name together.</summary>
    public static string Whole(NormalName name) => Join(name.Tokens, 0, name.Tokens.Length);

    /// <summary>Gets the mask of the first parts.</summary>
    public static uint All(int count) => (1u << count) - 1;
}
