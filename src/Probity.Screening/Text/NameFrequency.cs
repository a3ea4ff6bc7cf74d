using System.Globalization;
using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>How common the parts of person names are outside the lists, in sixteenths of a bit of
/// information.</summary>
/// <remarks>
/// From <c>names.txt</c>: the given names and surnames of some 70 locales of @faker-js/faker (MIT), each with its
/// highest share in any one locale, so that a name common somewhere is common. Nothing comes from a sanctions list.
/// </remarks>
internal sealed class NameFrequency
{
    private readonly FrozenDictionary<string, int> _bits;

    private NameFrequency(FrozenDictionary<string, int> bits) => _bits = bits;

    /// <summary>Gets the table of this build.</summary>
    public static NameFrequency Default { get; } = Read(static _ => true);

    /// <summary>Reads the table, leaving out the rows that a measurement wants to be unknown.</summary>
    public static NameFrequency Read(Predicate<string> keep)
    {
        var table = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in Resource.Lines("names.txt"))
        {
            var cells = line.Split('\t');
            if (!keep(cells[0]))
            {
                continue;
            }

            var halfBits = Math.Min(Cell(cells[1]), Cell(cells[2]));
            foreach (var word in RawWords.Read(cells[0], isPerson: false))
            {
                var bits = halfBits * 8;
                if (!table.TryGetValue(word.Text, out var before) || bits < before)
                {
                    table[word.Text] = bits;
                }
            }
        }

        return new NameFrequency(table.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Gets the information of a word in sixteenths of a bit, or null for a word the table does not
    /// have.</summary>
    public int? Bits(string word) => _bits.TryGetValue(word, out var bits) ? bits : null;

    private static int Cell(string text) => text == "-" ? 40 : int.Parse(text, CultureInfo.InvariantCulture);
}
