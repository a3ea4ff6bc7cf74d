using System.Globalization;

namespace Probity.Monitoring.Worlds;

/// <summary>Reads rings of AMLworld as they are published, re-serialised as CSV. Pure and thread safe.</summary>
public static class RingFile
{
    private const int Columns = 14;

    // Of September 2022, rounded: they bring amounts to one size and judge nothing.
    private static readonly Dictionary<string, decimal> s_dollars = new(StringComparer.Ordinal)
    {
        ["US Dollar"] = 1m, ["Euro"] = 1m, ["Yuan"] = 0.145m, ["UK Pound"] = 1.16m, ["Swiss Franc"] = 1.03m,
        ["Yen"] = 0.0070m, ["Rupee"] = 0.0125m, ["Ruble"] = 0.0165m, ["Shekel"] = 0.295m, ["Saudi Riyal"] = 0.266m,
        ["Mexican Peso"] = 0.050m, ["Canadian Dollar"] = 0.76m, ["Australian Dollar"] = 0.68m,
        ["Brazil Real"] = 0.19m, ["Bitcoin"] = 20_000m,
    };

    /// <summary>Reads rings; transfers of an account to itself are left out.</summary>
    /// <param name="csv">The text, with its header row.</param>
    /// <exception cref="FormatException">A row is not as expected; the message says which.</exception>
    public static IReadOnlyList<PlacedRing> Read(TextReader csv)
    {
        ArgumentNullException.ThrowIfNull(csv);
        _ = csv.ReadLine();
        var rows = new List<(string Ring, string Typology, DateTime At, string From, string To, long Cents)>();
        while (csv.ReadLine() is { } line)
        {
            rows.Add(Row(line, rows.Count + 2));
        }

        if (rows.Count == 0)
        {
            return [];
        }

        var first = rows.Min(row => row.At).Date;
        return [.. rows.Where(row => row.From != row.To).GroupBy(row => (row.Ring, row.Typology)).Select(ring =>
            new PlacedRing(ring.Key.Ring, ring.Key.Typology, [.. ring.Select(row => (
                (long)(row.At - first).TotalSeconds, row.From, row.To, row.Cents))]))];
    }

    private static (string Ring, string Typology, DateTime At, string From, string To, long Cents) Row(
        string line, int number)
    {
        var parts = line.Split(',');
        if (parts.Length != Columns || !s_dollars.TryGetValue(parts[11], out var rate)
            || !decimal.TryParse(parts[10], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var paid)
            || !DateTime.TryParseExact(parts[3], "yyyy/MM/dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None,
                out var at))
        {
            throw new FormatException($"Row {number} of the rings has not the columns of AMLworld.");
        }

        return (parts[0], parts[1], at, parts[4] + "/" + parts[5], parts[6] + "/" + parts[7],
            Math.Max(1, decimal.ToInt64(decimal.Round(paid * rate * 100))));
    }
}
