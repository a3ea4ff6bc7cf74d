using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>The score OFAC's own search page would show, 0 to 100, so that an examiner can compare.</summary>
/// <remarks>
/// The greater of Jaro–Winkler over the whole names and the mean over the query's words of their best Jaro–Winkler or
/// Soundex match. Whole names only when the first letters are equal; pairs of words below one half count nothing;
/// words of one or two letters are left out. Source: OFAC FAQ 246, 247, 249; the published emulation is within five
/// points on about 96 % of observed scores. Whole numbers only.
/// </remarks>
public static class OfacScore
{
    private const int Full = 10_000;

    /// <summary>Gets the score of a query against a listed name.</summary>
    public static int Of(string query, string listed)
    {
        var (ours, theirs) = (Words(query), Words(listed));
        if (ours.Length == 0 || theirs.Length == 0)
        {
            return 0;
        }

        var (whole, listedWhole) = (string.Join(' ', ours), string.Join(' ', theirs));
        var best = whole[0] == listedWhole[0] ? JaroWinkler(whole, listedWhole) : 0;
        var counted = ours.Where(word => word.Length > 2).DefaultIfEmpty(ours[0]).ToArray();
        var sum = counted.Sum(word => theirs.Max(other => Pair(word, other)));
        return (Math.Max(best, sum / counted.Length) + 50) / 100;
    }

    /// <summary>Gets the Jaro–Winkler similarity in ten-thousandths (Winkler 1990; prefix of four, weight one
    /// tenth).</summary>
    public static int JaroWinkler(string one, string other)
    {
        var jaro = Jaro(one, other);
        var prefix = 0;
        while (prefix < Math.Min(4, Math.Min(one.Length, other.Length)) && one[prefix] == other[prefix])
        {
            prefix++;
        }

        return jaro + (prefix * (Full - jaro) / 10);
    }

    /// <summary>Gets the Soundex code: the first letter and three digits.</summary>
    public static string Soundex(string word)
    {
        const string Codes = "01230120022455012623010202";
        Span<char> code = ['0', '0', '0', '0'];
        var (length, last) = (0, '0');
        foreach (var letter in word)
        {
            if (letter is < 'a' or > 'z')
            {
                continue;
            }

            var digit = Codes[letter - 'a'];
            if (length == 0)
            {
                code[length++] = letter;
            }
            else if (digit != '0' && digit != last && length < 4)
            {
                code[length++] = digit;
            }

            last = letter is 'h' or 'w' ? last : digit;
        }

        return new string(code);
    }

    private static int Pair(string one, string other)
    {
        if (Soundex(one) == Soundex(other) && one[0] == other[0])
        {
            return Math.Max(9_000, JaroWinkler(one, other));
        }

        var score = JaroWinkler(one, other);
        return score < Full / 2 ? 0 : score;
    }

    private static int Jaro(string one, string other)
    {
        var window = Math.Max(0, (Math.Max(one.Length, other.Length) / 2) - 1);
        var (usedOne, usedOther) = (new bool[one.Length], new bool[other.Length]);
        var matches = 0;
        for (var i = 0; i < one.Length; i++)
        {
            for (var j = Math.Max(0, i - window); j < Math.Min(other.Length, i + window + 1); j++)
            {
                if (!usedOther[j] && one[i] == other[j])
                {
                    (usedOne[i], usedOther[j]) = (true, true);
                    matches++;
                    break;
                }
            }
        }

        if (matches == 0)
        {
            return 0;
        }

        var (half, at) = (0, 0);
        for (var i = 0; i < one.Length; i++)
        {
            if (usedOne[i])
            {
                while (!usedOther[at])
                {
                    at++;
                }

                half += one[i] == other[at++] ? 0 : 1;
            }
        }

        return ((matches * Full / one.Length) + (matches * Full / other.Length)
            + ((matches - (half / 2)) * Full / matches)) / 3;
    }

    private static string[] Words(string name) =>
        [.. NameReader.Person(name).Tokens.Select(token => token.Raw).Where(raw => raw.Length != 0
            && char.IsAsciiLetterOrDigit(raw[0]))];
}
