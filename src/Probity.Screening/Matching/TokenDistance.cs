namespace Probity.Screening.Matching;

/// <summary>Edit costs between two Latin words in sixteenths of an ordinary edit.</summary>
/// <remarks>
/// Wagner–Fischer with transposition and letters that are often confused at a lower price, after a bit-parallel
/// plain distance has ruled out what cannot be near. Whole numbers only.
/// </remarks>
internal static class TokenDistance
{
    /// <summary>The price of an ordinary edit.</summary>
    public const int Edit = 16;

    /// <summary>Longer words are compared by their first letters.</summary>
    public const int MaxLength = 64;

    private const int Far = 1000;

    private static readonly byte[] Substitutions = BuildSubstitutions();

    /// <summary>Gets the most a pair of this length may cost and still be called similar.</summary>
    public static int Limit(int shorter) => shorter switch
    {
        <= 1 => 0,
        2 => 4,
        3 => 10,
        4 => 16,
        5 => 20,
        6 => 30,
        7 => 32,
        8 or 9 => 36,
        <= 12 => 44,
        _ => 52,
    };

    /// <summary>Gets the cost of turning one word into the other, or a number above <paramref name="limit"/>.</summary>
    public static int Cost(ReadOnlySpan<char> one, ReadOnlySpan<char> other, int limit)
    {
        one = one.Length > MaxLength ? one[..MaxLength] : one;
        other = other.Length > MaxLength ? other[..MaxLength] : other;
        Trim(ref one, ref other, out var before, out var after);
        if (one.Length == 0 || other.Length == 0)
        {
            return GapCost(one.Length == 0 ? other : one, before, after);
        }

        return Table(one, other, limit, before, after);
    }

    private static void Trim(ref ReadOnlySpan<char> one, ref ReadOnlySpan<char> other, out char before, out char after)
    {
        var prefix = one.CommonPrefixLength(other);
        before = prefix == 0 ? '\0' : one[prefix - 1];
        one = one[prefix..];
        other = other[prefix..];
        var suffix = 0;
        while (suffix < one.Length && suffix < other.Length && one[^(suffix + 1)] == other[^(suffix + 1)])
        {
            suffix++;
        }

        after = suffix == 0 ? '\0' : one[^suffix];
        one = one[..^suffix];
        other = other[..^suffix];
    }

    private static int GapCost(ReadOnlySpan<char> extra, char before, char after)
    {
        var cost = 0;
        for (var i = 0; i < extra.Length; i++)
        {
            cost += Gap(extra[i], i == 0 ? before : extra[i - 1], i == extra.Length - 1 ? after : extra[i + 1]);
        }

        return cost;
    }

    // A letter more or less: cheap when doubled, cheaper for vowels and h than for consonants.
    private static int Gap(char letter, char before, char after) =>
        letter == before || letter == after ? 5
        : letter == 'h' ? 8
        : Folding.IsVowel(letter) ? 12
        : Edit;

    private static int Table(ReadOnlySpan<char> one, ReadOnlySpan<char> other, int limit, char before, char after)
    {
        Span<int> rows = stackalloc int[3 * (MaxLength + 1)];
        var width = other.Length + 1;
        var older = rows[..width];
        var previous = rows.Slice(MaxLength + 1, width);
        var current = rows.Slice(2 * (MaxLength + 1), width);
        previous[0] = 0;
        for (var j = 1; j < width; j++)
        {
            previous[j] = previous[j - 1] + Gap(other[j - 1], j == 1 ? before : other[j - 2],
                j == width - 1 ? after : other[j]);
        }

        for (var i = 1; i <= one.Length; i++)
        {
            var gap = Gap(one[i - 1], i == 1 ? before : one[i - 2], i == one.Length ? after : one[i]);
            current[0] = previous[0] + gap;
            var best = current[0];
            for (var j = 1; j < width; j++)
            {
                var cost = Math.Min(
                    previous[j - 1] + Substitution(one[i - 1], other[j - 1]),
                    Math.Min(
                        previous[j] + gap,
                        current[j - 1] + Gap(other[j - 1], j == 1 ? before : other[j - 2],
                            j == width - 1 ? after : other[j])));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    cost = Math.Min(cost, older[j - 2] + 13);
                }

                current[j] = cost;
                best = Math.Min(best, cost);
            }

            if (best > limit)
            {
                return Far;
            }

            var spare = older;
            older = previous;
            previous = current;
            current = spare;
        }

        return previous[width - 1];
    }

    private static int Substitution(char one, char other) =>
        one == other ? 0 : (one | other) < 128 ? Substitutions[(one << 7) | other] : Edit;

    private static byte[] BuildSubstitutions()
    {
        var table = new byte[128 * 128];
        Array.Fill(table, (byte)Edit);
        Set("a e o u i y", 11);
        Set("e i y", 6);
        Set("i y j", 5);
        Set("o u w", 6);
        Set("v w", 4);
        Set("u w v", 9);
        Set("c k q g", 8);
        Set("c k q", 4);
        Set("s z c x", 8);
        Set("s c", 8);
        Set("c j", 8); // Turkish c.
        Set("b p v", 10);
        Set("f v", 9);
        Set("d t", 9);
        Set("g j", 8);
        Set("g k q h", 9);
        Set("h k x", 9);
        Set("m n", 11);
        Set("S C j", 8);
        Set("S s", 6);
        Set("C c", 6);
        Set("d z", 10);
        Set("t s", 11);
        Set("0 o", 4);
        Set("1 i l", 5);
        Set("3 e", 6);
        Set("4 a", 6);
        Set("5 s", 5);
        Set("8 b", 6);
        Set("6 b g", 8);
        Set("9 g q", 8);
        Set("7 t", 8);
        Set("n h", 13);
        Set("r l", 13);
        return table;

        void Set(string letters, byte cost)
        {
            foreach (var one in letters.Split(' '))
            {
                foreach (var other in letters.Split(' '))
                {
                    ref var cell = ref table[(one[0] << 7) | other[0]];
                    cell = Math.Min(cell, cost);
                }
            }
        }
    }
}
