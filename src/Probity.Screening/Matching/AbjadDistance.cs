using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>How far a Latin word is from a word in Arabic or Hebrew letters, in sixteenths of an edit.</summary>
internal static class AbjadDistance
{
    /// <summary>A short vowel between consonants, which these scripts do not write.</summary>
    private const int ShortVowel = 1;

    /// <summary>A second vowel in a row, or one at the end: long ones, which they do write.</summary>
    private const int LongVowel = 6;

    /// <summary>A vowel at the beginning: a word begins with a consonant or with alef.</summary>
    private const int FirstVowel = 10;
    private const int Consonant = 16;

    private static readonly LatinForm[] s_longA = [new("a", 0), new("aa", 0), new("e", 7), new("", 10)];

    // The alef of an article inside a word written together ("Jalal-ud-Din", "Habib-ullah") carries any vowel.
    private static readonly LatinForm[] s_articleA =
        [new("a", 0), new("u", 0), new("o", 0), new("e", 0), new("i", 0), new("", 3)];

    private static readonly LatinForm[] s_lastH =
        [new("h", 0), new("eh", 0), new("ah", 0), new("a", 1), new("e", 1), new("", 2)];

    // Persian and Urdu write the alef maqsura of a last syllable as yeh: "Isa", "Musa".
    private static readonly LatinForm[] s_lastY = [.. Abjad.FormsOf('y', isHebrew: false), new("a", 4)];

    /// <summary>Gets the cost of reading a word of code letters as a Latin word, or a number above a limit.</summary>
    /// <param name="pattern">Code letters after their mark (see <see cref="NameToken"/>).</param>
    /// <param name="latin">The Latin word, at most 64 letters of it.</param>
    /// <param name="limit">What is of interest, in sixteenths of an edit.</param>
    public static int Cost(ReadOnlySpan<char> pattern, ReadOnlySpan<char> latin, int limit)
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
        Skip(previous, latin, isHebrew);
        for (var i = 0; i < pattern.Length; i++)
        {
            Row(previous, current, latin, FormsAt(pattern, i, isHebrew), isHebrew);
            if (pattern[i] == 'l' && IsAssimilated(pattern, i))
            {
                // "al-din" is said and written "ad-din", "uddin".
                for (var j = 0; j < width; j++)
                {
                    current[j] = Math.Min(current[j], previous[j] + 2);
                }

                Skip(current, latin, isHebrew);
            }

            if (IsAbove(current, limit))
            {
                return limit + 1;
            }

            var spare = previous;
            previous = current;
            current = spare;
        }

        return previous[width - 1];
    }

    // No later row is below the least of this one.
    private static bool IsAbove(ReadOnlySpan<int> row, int limit)
    {
        foreach (var cost in row)
        {
            if (cost <= limit)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gets what a code letter at a place may be in Latin letters.</summary>
    internal static LatinForm[] FormsAt(ReadOnlySpan<char> pattern, int at, bool isHebrew) =>
        isHebrew ? Abjad.FormsOf(pattern[at], isHebrew)
        : pattern[at] == 'a' && at >= 2 && at + 2 < pattern.Length && pattern[at + 1] == 'l' ? s_articleA
        : pattern[at] == 'a' && at != 0 ? s_longA // Alef carries any vowel at the beginning and a long a inside.
        : pattern[at] == 'H' && at == pattern.Length - 1 ? s_lastH
        : pattern[at] == 'y' && at == pattern.Length - 1 ? s_lastY
        : Abjad.FormsOf(pattern[at], isHebrew);

    /// <summary>Gets whether an l is written with the letter after it ("ad-din").</summary>
    internal static bool IsAssimilated(ReadOnlySpan<char> pattern, int at) =>
        at > 0 && pattern[at - 1] == 'a' && at + 1 < pattern.Length && "t0d1rzs23456ln".Contains(pattern[at + 1],
            StringComparison.Ordinal);

    private static void Row(
        Span<int> previous, Span<int> current, ReadOnlySpan<char> latin, LatinForm[] forms, bool isHebrew)
    {
        for (var j = 0; j < current.Length; j++)
        {
            current[j] = previous[j] + Consonant;
            if (j != 0)
            {
                current[j] = Math.Min(current[j], previous[j - 1] + Consonant);
            }
        }

        foreach (var (form, price) in forms)
        {
            for (var j = form.Length; j < current.Length; j++)
            {
                if (EndsAt(latin, j, form))
                {
                    current[j] = Math.Min(current[j], previous[j - form.Length] + price);
                }
            }
        }

        Skip(current, latin, isHebrew);
    }

    private static bool EndsAt(ReadOnlySpan<char> latin, int end, string form)
    {
        for (var i = 0; i < form.Length; i++)
        {
            if (latin[end - form.Length + i] != form[i])
            {
                return false;
            }
        }

        return true;
    }

    // Short vowels and doubled letters stand in the Latin word alone.
    private static void Skip(Span<int> row, ReadOnlySpan<char> latin, bool isHebrew)
    {
        for (var j = 1; j < row.Length; j++)
        {
            row[j] = Math.Min(row[j], row[j - 1] + PriceOf(latin, j - 1, isHebrew));
        }
    }

    private static int PriceOf(ReadOnlySpan<char> latin, int at, bool isHebrew)
    {
        var letter = latin[at];
        if (!Folding.IsVowel(letter))
        {
            return at > 0 && latin[at - 1] == letter ? 0 : letter == 'h' ? 8 : Consonant;
        }

        return isHebrew ? ShortVowel
            : at == 0 ? FirstVowel
            : at == latin.Length - 1 || Folding.IsVowel(latin[at - 1]) ? LongVowel
            : ShortVowel;
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
