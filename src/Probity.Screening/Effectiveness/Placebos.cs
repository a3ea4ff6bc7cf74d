using System.Collections.Frozen;
using System.Globalization;
using Probity.Screening.Text;

namespace Probity.Screening.Effectiveness;

/// <summary>
/// Names of nobody, drawn from the table of names outside the lists (see <see cref="NameFrequency"/>), common ones
/// more often. Given name and surname are of one script, not of one country. Deterministic; safe for all threads.
/// </summary>
internal static class Placebos
{
    private static readonly string[] s_forms = ["Ltd", "GmbH", "S.A.", "LLC", "Inc", "AG", "B.V.", "SARL", "AB", "SpA"];

    private static readonly string[] s_trades =
    [
        "Bakery", "Plumbing", "Consulting", "Foods", "Textiles", "Logistics", "Trading", "Construction", "Pharmacy",
        "Furniture", "Engineering", "Partners", "Motors", "Travel", "Media", "Holding",
    ];

    /// <summary>The populations of persons, by script; before the table that is read by them.</summary>
    public static IReadOnlyList<string> Scripts { get; } = ["arabic", "cyrillic", "han", "hangul", "latin"];

    private static readonly FrozenDictionary<string, Pool> s_pools = Read();

    /// <summary>Draws persons whose names are of one script.</summary>
    public static IEnumerable<string> Persons(string script, int count)
    {
        var pool = s_pools[script];
        var dice = new Dice(77);
        var blank = script is "han" or "hangul" ? "" : " ";
        for (var i = 0; i < count; i++)
        {
            var (given, surname) = (pool.Given.Draw(dice), pool.Surnames.Draw(dice));
            yield return script is "han" or "hangul" ? surname + blank + given
                : i % 4 == 3 ? $"{given} {pool.Given.Draw(dice)} {surname}" : $"{given} {surname}";
        }
    }

    /// <summary>Draws small companies: a surname or two, a trade, a legal form.</summary>
    public static IEnumerable<string> Organisations(int count)
    {
        var surnames = s_pools["latin"].Surnames;
        var dice = new Dice(78);
        for (var i = 0; i < count; i++)
        {
            var name = surnames.Draw(dice);
            yield return (i % 4) switch
            {
                0 => $"{name} {dice.Pick(s_trades)} {dice.Pick(s_forms)}",
                1 => $"{name} & {surnames.Draw(dice)} {dice.Pick(s_forms)}",
                2 => $"{name} {dice.Pick(s_trades)}",
                _ => $"{name}, {surnames.Draw(dice)} and {surnames.Draw(dice)}",
            };
        }
    }

    private static FrozenDictionary<string, Pool> Read()
    {
        var pools = Scripts.ToDictionary(script => script, _ => new Pool(new Urn(), new Urn()), StringComparer.Ordinal);
        foreach (var line in Resource.Lines("names.txt"))
        {
            var cells = line.Split('\t');
            if (ScriptOf(cells[0]) is { } script)
            {
                pools[script].Given.Add(Capital(cells[0]), cells[1]);
                pools[script].Surnames.Add(Capital(cells[0]), cells[2]);
            }
        }

        return pools.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string? ScriptOf(string name) => name[0] switch
    {
        < '\u0250' => "latin",
        >= '\u0400' and <= '\u04ff' => "cyrillic",
        >= '\u0620' and <= '\u06ff' => "arabic",
        _ when Han.Is(name[0]) => "han",
        _ when Hangul.Is(name[0]) => "hangul",
        _ => null,
    };

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private sealed record Pool(Urn Given, Urn Surnames);

    /// <summary>Names with their shares; a share of 2^-(halfBits/2) of a locale weighs accordingly.</summary>
    private sealed class Urn
    {
        private const int LeastCommon = 40;

        private readonly List<(string Name, int UpTo)> _names = [];
        private int _total;

        public void Add(string name, string halfBits)
        {
            if (halfBits != "-")
            {
                var bits = int.Parse(halfBits, CultureInfo.InvariantCulture);
                _total += 1 + ((1 << ((LeastCommon - bits) / 2)) >> 8);
                _names.Add((name, _total));
            }
        }

        public string Draw(Dice dice)
        {
            var at = dice.Below(_total);
            var (low, high) = (0, _names.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _names[middle].UpTo <= at ? (middle + 1, high) : (low, middle);
            }

            return _names[low].Name;
        }
    }
}
