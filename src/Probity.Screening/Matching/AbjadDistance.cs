using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>How far a Latin word is from a word in Arabic or Hebrew letters, in sixteenths of an edit.</summary>
internal static class AbjadDistance
{
    private const int Vowel = 1;
    private const int Consonant = 16;

    private static readonly string[] s_longA = ["a", "aa", "e", ""];

    /// <summary>Gets the cost of reading a word of code letters as a Latin word.</summary>
    /// <param name="pattern">Code letters after their mark (see <see cref="NameToken"/>).</param>
    /// <param name="latin">The Latin word, at most 40 letters of it.</param>
    public static int Cost(ReadOnlySpan<char> pattern, ReadOnlySpan<char> latin)
    {
        var isHebrew = pattern[0] == NameToken.Hebrew;
        pattern = pattern[1..];
        latin = latin.Length > TokenDistance.MaxLength ? latin[..TokenDistance.MaxLength] : latin;
        pattern = pattern.Length > TokenDistance.MaxLength ? pattern[..TokenDistance.MaxLength] : pattern;
        var width = latin.Length + 1;
        Span<int> rows = stackalloc int[2 * (TokenDistance.MaxLength + 1)];
        var previous = rows[..width];
        var current = rows.Slice(TokenDistance.MaxLength + 1, width);
        previous.Fill(TokenDistance.MaxLength * Consonant);
        previous[0] = 0;
        Skip(previous, latin, 1);
        for (var i = 0; i < pattern.Length; i++)
        {
            // Alef carries any vowel at the beginning of a word and a long a inside it.
            var forms = pattern[i] == 'a' && i != 0 && !isHebrew ? s_longA : Abjad.FormsOf(pattern[i], isHebrew);
            Row(previous, current, latin, forms, pattern[i] is 'w' or 'y' or 'u' ? 6 : pattern[i] == 'a' ? 3 : 2);
            if (pattern[i] == 'l' && IsAssimilated(pattern, i))
            {
                // "al-din" is said and written "ad-din", "uddin".
                for (var j = 0; j < width; j++)
                {
                    current[j] = Math.Min(current[j], previous[j] + 2);
                }

                Skip(current, latin, 1);
            }

            var spare = previous;
            previous = current;
            current = spare;
        }

        return previous[width - 1];
    }

    private static bool IsAssimilated(ReadOnlySpan<char> pattern, int at) =>
        at > 0 && pattern[at - 1] == 'a' && at + 1 < pattern.Length && "t0d1rzs23456ln".Contains(pattern[at + 1],
            StringComparison.Ordinal);

    private static void Row(Span<int> previous, Span<int> current, ReadOnlySpan<char> latin, string[] forms, int silent)
    {
        for (var j = 0; j < current.Length; j++)
        {
            current[j] = previous[j] + Consonant;
            if (j != 0)
            {
                current[j] = Math.Min(current[j], previous[j - 1] + Consonant);
            }
        }

        foreach (var form in forms)
        {
            // A silent long vowel is a little less likely than one that is written.
            var price = form.Length == 0 ? silent : 0;
            for (var j = form.Length; j < current.Length; j++)
            {
                if (latin[..j].EndsWith(form, StringComparison.Ordinal))
                {
                    current[j] = Math.Min(current[j], previous[j - form.Length] + price);
                }
            }
        }

        Skip(current, latin, 1);
    }

    // Short vowels and doubled letters stand in the Latin word alone.
    private static void Skip(Span<int> row, ReadOnlySpan<char> latin, int from)
    {
        for (var j = from; j < row.Length; j++)
        {
            var letter = latin[j - 1];
            var price = Folding.IsVowel(letter) ? Vowel : j > 1
                && latin[j - 2] == letter ? 0 : letter == 'h' ? 8 : Consonant;
            row[j] = Math.Min(row[j], row[j - 1] + price);
        }
    }

    /// <summary>Gets the consonants of a Latin word or of a pattern in one alphabet, for finding candidates.</summary>
    public static string Skeleton(string text)
    {
        Span<char> letters = stackalloc char[text.Length];
        var length = 0;
        var isPattern = text[0] is NameToken.Arabic or NameToken.Hebrew;
        var source = isPattern ? text[1..] : Folding.Fold(text);
        for (var i = 0; i < source.Length; i++)
        {
            var letter = isPattern ? OfPattern(source[i], text[0] == NameToken.Hebrew) : OfLatin(source[i]);
            if (letter != '\0' && (length == 0 || letters[length - 1] != letter))
            {
                letters[length++] = letter;
            }
        }

        return new string(letters[..length]);
    }

    /// <summary>Gets the consonants of a Latin word whose kh and gh are two letters and not one; null when it has
    /// none.</summary>
    public static string? SecondSkeleton(string word) =>
        word.Contains("kh", StringComparison.Ordinal) || word.Contains("gh", StringComparison.Ordinal)
            ? Skeleton(word.Replace("kh", "k", StringComparison.Ordinal).Replace("gh", "g", StringComparison.Ordinal))
            : null;

    private static char OfLatin(char letter) => letter switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' or 'y' or 'h' or 'v' => '\0',
        'p' => 'b',
        'k' or 'g' or 'j' or 'C' => 'k',
        'd' or 'z' => 'd',
        't' or 's' or 'S' or 'c' or 'x' => 's',
        _ => letter,
    };

    private static char OfPattern(char code, bool isHebrew) => code switch
    {
        'a' or 'e' or 'A' or 'H' or 'h' or 'x' or 'w' or 'y' or 'u' or '\'' or 'T' or 'v' => '\0',
        'b' => isHebrew ? '\0' : 'b',
        'p' => isHebrew ? 'f' : 'b',
        'k' or 'q' or 'g' or '7' or 'j' or 'c' => 'k',
        'd' or 'z' or '1' or '3' or '4' or '6' or '8' or '9' => code == '3' ? 's' : 'd',
        't' or 's' or '0' or '2' or '5' or 'C' => 's',
        _ => code,
    };
}
