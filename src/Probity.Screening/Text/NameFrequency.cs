using System.Collections.Frozen;
using System.Globalization;
using Probity.Screening.Matching;

namespace Probity.Screening.Text;

/// <summary>How common the parts of person names are outside the lists, in sixteenths of a bit of
/// information.</summary>
/// <remarks>
/// From <c>names.txt</c>: the given names and surnames of some 70 locales of @faker-js/faker (MIT), each with its
/// highest share in any one locale, so that a name common somewhere is common. That source counts most names of a
/// locale alike, so <c>common_names.txt</c>, hand-made, says how common the commonest are. Nothing comes from a
/// sanctions list.
/// </remarks>
internal sealed class NameFrequency
{
    /// <summary>What a share of <c>common_names.txt</c> is of: hundredths of a percent.</summary>
    private const int Whole = 10_000;

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
            if (keep(cells[0]))
            {
                Add(table, cells[0], Math.Min(Cell(cells[1]), Cell(cells[2])) * 8, isSurname: cells[2] != "-");
            }
        }

        foreach (var line in Resource.Lines("common_names.txt"))
        {
            var cells = line[2..].Split(' ');
            for (var i = 0; i < cells.Length; i += 2)
            {
                if (keep(cells[i]))
                {
                    var share = int.Parse(cells[i + 1], CultureInfo.InvariantCulture);
                    Add(table, cells[i], Vocabulary.Log2(Whole) - Vocabulary.Log2(share), line[0] == 'S');
                }
            }
        }

        return new NameFrequency(table.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Gets the information of a word in sixteenths of a bit, or null for a word the table does not
    /// have.</summary>
    public int? Bits(string word) => _bits.TryGetValue(word, out var bits) ? bits : null;

    private static void Add(Dictionary<string, int> table, string name, int bits, bool isSurname)
    {
        foreach (var word in WordsOf(name, isSurname))
        {
            if (!table.TryGetValue(word, out var before) || bits < before)
            {
                table[word] = bits;
            }
        }
    }

    // As the reader of person names cuts them: a Han or Hangul surname or given name is one word.
    private static IEnumerable<string> WordsOf(string name, bool isSurname) =>
        name.All(Hangul.Is) ? [Hangul.Romanise(name, isSurname)]
        : name.All(Han.Is) ? [string.Concat(name.Select(letter => Han.Reading(letter, isSurname)))]
        : RawWords.Read(name, isPerson: false).Select(word => word.Text);

    private static int Cell(string text) => text == "-" ? 40 : int.Parse(text, CultureInfo.InvariantCulture);
}
