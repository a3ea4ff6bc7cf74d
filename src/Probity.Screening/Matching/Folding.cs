namespace Probity.Screening.Matching;

/// <summary>Reduces Latin spellings of one sound to one spelling, and words to their consonants.</summary>
internal static class Folding
{
    // Longest first; what a romanisation writes in many ways.
    private static readonly (string From, string To)[] Digraphs =
    [
        ("shch", "S"), ("sch", "S"), ("tch", "C"), ("dzh", "j"), ("sh", "S"), ("ch", "C"), ("cz", "C"), ("sz", "S"),
            ("zh", "j"), ("dj", "j"),
        ("kh", "h"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("cq", "k"), ("oo", "u"), ("ou",
            "u"), ("uw", "u"), ("uu", "u"),
        ("ee", "i"), ("iy", "i"), ("yi", "i"), ("ij", "i"), ("ie", "i"), ("ii", "i"), ("ei", "e"), ("ey", "e"), ("ai",
            "e"), ("ay", "e"), ("ae", "e"),
        ("aw", "o"), ("au", "o"), ("ow", "o"), ("oe", "o"), ("ks", "x"), ("ts", "c"), ("tz", "c"),
    ];

    private static readonly (string From, string To)[][] s_byFirst =
        [.. Enumerable.Range(0, 128).Select(first => Digraphs.Where(row => row.From[0] == first).ToArray())];

    /// <summary>Folds a word: digraphs, c/k/q, w/v, y/i, doubled letters, a silent final h.</summary>
    public static string Fold(string word)
    {
        Span<char> folded = stackalloc char[word.Length];
        var length = 0;
        for (var i = 0; i < word.Length;)
        {
            var (letter, taken) = Next(word, i);
            i += taken;
            if (letter == 'h' && i == word.Length && length != 0 && IsVowel(folded[length - 1]))
            {
                continue;
            }

            if (length == 0 || folded[length - 1] != letter)
            {
                folded[length++] = letter;
            }
        }

        return new string(folded[..length]);
    }

    /// <summary>Gets the first sound and the consonants of a folded word, h and what is neither b, v nor w told
    /// apart.</summary>
    public static string Skeleton(string folded)
    {
        Span<char> letters = stackalloc char[folded.Length];
        var length = 0;
        for (var i = 0; i < folded.Length; i++)
        {
            var letter = folded[i];
            var isVowel = IsVowel(letter);
            if ((isVowel && i != 0) || (letter == 'h' && i != 0))
            {
                continue;
            }

            letter = isVowel ? 'a' : letter;
            if (length == 0 || letters[length - 1] != letter)
            {
                letters[length++] = letter;
            }
        }

        return new string(letters[..length]);
    }

    public static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    private static (char Letter, int Taken) Next(string word, int at)
    {
        foreach (var (from, to) in word[at] < 128 ? s_byFirst[word[at]] : [])
        {
            if (word.AsSpan(at).StartsWith(from, StringComparison.Ordinal))
            {
                return (to[0], from.Length);
            }
        }

        return word[at] switch
        {
            'q' => ('k', 1),
            'c' => (at + 1 < word.Length && word[at + 1] is 'e' or 'i' ? 's' : 'k', 1),
            'w' => ('v', 1),
            'y' => ('i', 1),
            var letter => (letter, 1),
        };
    }
}
