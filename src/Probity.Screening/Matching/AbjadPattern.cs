using Probity.Screening.Text;

namespace Probity.Screening.Matching;

/// <summary>An Arabic or Hebrew word, made ready to rule out Latin words by their letters alone.</summary>
internal sealed class AbjadPattern
{
    private const int Other = 16;
    private const int Assimilated = 2;

    private static readonly uint s_vowelsAndH = WordSign.Letters("aeiouyh");

    private readonly (LatinForm[] Forms, int Otherwise)[] _places;
    private readonly uint _written;

    /// <summary>Makes a pattern of code letters after their mark (see <see cref="NameToken"/>).</summary>
    public AbjadPattern(string text)
    {
        var letters = text.AsSpan(1, Math.Min(text.Length - 1, TokenDistance.MaxLength));
        _places = new (LatinForm[], int)[letters.Length];
        for (var i = 0; i < letters.Length; i++)
        {
            var isLost = letters[i] == 'l' && AbjadDistance.IsAssimilated(letters, i);
            _places[i] = (
                AbjadDistance.FormsAt(letters, i, text[0] == NameToken.Hebrew), isLost ? Assimilated : Other);
            foreach (var form in _places[i].Forms)
            {
                _written |= form.Letters;
            }
        }
    }

    /// <summary>
    /// Gets what <see cref="AbjadDistance.Cost"/> is at least for a Latin word of these letters: each letter of the
    /// pattern at its cheapest, or a consonant that none of them writes.
    /// </summary>
    public int LeastCost(uint latin, int limit)
    {
        var cost = (latin & ~s_vowelsAndH & ~_written) != 0 ? Other : 0;
        if (cost > limit)
        {
            return cost;
        }

        cost = 0;
        foreach (var (forms, otherwise) in _places)
        {
            var least = otherwise;
            foreach (var form in forms)
            {
                if ((form.Letters & ~latin) == 0 && form.Price < least)
                {
                    least = form.Price;
                }
            }

            cost += least;
            if (cost > limit)
            {
                return cost;
            }
        }

        return cost;
    }
}
