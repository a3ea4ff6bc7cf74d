namespace Probity.Screening.Matching;

/// <summary>Plain edit distances of many words from one, one machine word wide (Myers 1999, Hyyrö 2003).</summary>
/// <remarks>One thread at a time. Words longer than 64 letters are compared by their first 64.</remarks>
internal sealed class BitPattern
{
    private readonly ulong[] _letters = new ulong[128];
    private string _word = "";

    /// <summary>Sets the word that others are compared with.</summary>
    public void Set(string word)
    {
        foreach (var letter in _word)
        {
            _letters[letter & 127] = 0;
        }

        _word = word.Length > 64 ? word[..64] : word;
        for (var i = 0; i < _word.Length; i++)
        {
            _letters[_word[i] & 127] |= 1UL << i;
        }
    }

    /// <summary>Gets the plain edit distance of a word from the one set.</summary>
    public int Distance(ReadOnlySpan<char> text)
    {
        if (_word.Length == 0)
        {
            return text.Length;
        }

        var (plus, minus, distance) = (ulong.MaxValue, 0UL, _word.Length);
        var last = 1UL << (_word.Length - 1);
        foreach (var letter in text)
        {
            var equal = _letters[letter & 127];
            var cross = equal | minus;
            equal |= unchecked((equal & plus) + plus) ^ plus;
            var up = minus | ~(equal | plus);
            var down = plus & equal;
            distance += (up & last) != 0 ? 1 : (down & last) != 0 ? -1 : 0;
            up = (up << 1) | 1;
            plus = (down << 1) | ~(cross | up);
            minus = up & cross;
        }

        return distance;
    }
}
