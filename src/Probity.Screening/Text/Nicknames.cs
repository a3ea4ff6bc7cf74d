using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>Given names that stand for each other.</summary>
internal static class Nicknames
{
    private static readonly FrozenDictionary<string, int[]> Groups = Read();

    private static readonly string[] s_endings =
        ["ullah", "ollah", "allah", "uddin", "eddin", "addin", "iddin", "oddin", "aldin", "udin"];

    private const int ShortestStem = 4;

    /// <summary>Gets what is left of a name without "of God" or "of the faith" ("Ghodratollah": "ghodrat"), which its
    /// holder may go by; null for other names.</summary>
    public static string? StemOf(string word)
    {
        foreach (var ending in s_endings)
        {
            if (word.Length >= ending.Length + ShortestStem && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return word[..^ending.Length];
            }
        }

        return null;
    }

    /// <summary>Gets whether two names are known to stand for each other.</summary>
    public static bool AreSame(string one, string other) =>
        GroupsOf(one).Intersect(GroupsOf(other)).Any()
        || string.Equals(StemOf(one), other, StringComparison.Ordinal)
        || string.Equals(StemOf(other), one, StringComparison.Ordinal);

    /// <summary>Gets the numbers of the groups a name belongs to; empty for none.</summary>
    public static int[] GroupsOf(string word) => Groups.GetValueOrDefault(word, []);

    private static FrozenDictionary<string, int[]> Read()
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in Resource.Lines("nicknames.txt"))
        {
            foreach (var word in line.Split('|'))
            {
                groups.TryAdd(word, []);
                groups[word].Add(number);
            }

            number++;
        }

        return groups.ToFrozenDictionary(row => row.Key, row => row.Value.ToArray(), StringComparer.Ordinal);
    }
}
