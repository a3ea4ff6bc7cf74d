namespace Probity.Server.Hosting.Settings;

/// <summary>Levenshtein distance, for "did you mean".</summary>
internal static class EditDistance
{
    public static string Nearest(string name, IEnumerable<string> known) =>
        known.OrderBy(k => Between(name.ToUpperInvariant(), k)).ThenBy(k => k, StringComparer.Ordinal).First();

    public static int Between(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
