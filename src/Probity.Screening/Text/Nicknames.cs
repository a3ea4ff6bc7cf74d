using System.Collections.Frozen;

namespace Probity.Screening.Text;

/// <summary>Given names that stand for each other.</summary>
internal static class Nicknames
{
    private static readonly FrozenDictionary<string, int[]> Groups = Read();

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
