using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>Which words a name has, and which names have a word; flat arrays.</summary>
internal sealed class Postings
{
    private readonly int[] _wordStarts;
    private readonly int[] _words;
    private readonly int[] _nameStarts;
    private readonly int[] _names;
    private readonly int[] _initialEnds;
    private readonly bool[] _hasInitials;

    private Postings(
        int[] wordStarts, int[] words, int[] nameStarts, int[] names, int[] initialEnds, bool[] hasInitials)
    {
        _initialEnds = initialEnds;
        _hasInitials = hasInitials;
        _wordStarts = wordStarts;
        _words = words;
        _nameStarts = nameStarts;
        _names = names;
    }

    /// <summary>Gets how many words all names have together.</summary>
    public int WordCount => _words.Length;

    /// <summary>Builds the postings of some names.</summary>
    public static Postings Of(NameEntry[] entries, Vocabulary vocabulary)
    {
        var starts = new int[entries.Length + 1];
        var words = new List<int>(entries.Length * 4);
        for (var name = 0; name < entries.Length; name++)
        {
            starts[name] = words.Count;
            foreach (var token in entries[name].Name.Tokens)
            {
                words.Add(vocabulary.IdOf(token.Text));
            }
        }

        starts[^1] = words.Count;
        return Turn(
            starts, [.. words], vocabulary.Parts.Length,
            [.. entries.Select(entry => Array.Exists(entry.Name.Tokens, token => token.Kind == TokenKind.Initial))]);
    }

    /// <summary>Gets the names that have a word, those with initials before the others, each in order; a name that has
    /// it twice stands twice.</summary>
    public ReadOnlySpan<int> Of(int word) =>
        _names.AsSpan(_nameStarts[word], _nameStarts[word + 1] - _nameStarts[word]);

    /// <summary>The same, of names with initials alone.</summary>
    public ReadOnlySpan<int> OfInitials(int word) =>
        _names.AsSpan(_nameStarts[word], _initialEnds[word] - _nameStarts[word]);

    /// <summary>Gets whether a name has initials.</summary>
    public bool HasInitials(int name) => _hasInitials[name];

    /// <summary>Gets the words of a name in order.</summary>
    public ReadOnlySpan<int> WordsOf(int name) =>
        _words.AsSpan(_wordStarts[name], _wordStarts[name + 1] - _wordStarts[name]);

    /// <summary>Gets the place of a name's first word among the words of all names.</summary>
    public int FirstWord(int name) => _wordStarts[name];

    private static Postings Turn(int[] wordStarts, int[] words, int vocabulary, bool[] hasInitials)
    {
        var starts = new int[vocabulary + 1];
        foreach (var word in words)
        {
            starts[word + 1]++;
        }

        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        var next = starts.ToArray();
        var names = new int[words.Length];
        Add(isWanted: true);
        var ends = next[..vocabulary];
        Add(isWanted: false);
        return new Postings(wordStarts, words, starts, names, ends, hasInitials);

        void Add(bool isWanted)
        {
            for (var name = 0; name + 1 < wordStarts.Length; name++)
            {
                for (var at = wordStarts[name]; at < wordStarts[name + 1] && hasInitials[name] == isWanted; at++)
                {
                    names[next[words[at]]++] = name;
                }
            }
        }
    }
}
