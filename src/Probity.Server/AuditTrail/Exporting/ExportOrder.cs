namespace Probity.Server.AuditTrail.Exporting;

/// <summary>What to export.</summary>
/// <param name="Format">tlog, ndjson, csv, json or pack.</param>
/// <param name="From">The first sequence number, 0 or more.</param>
/// <param name="To">The number after the last; null means the size of the ledger.</param>
/// <param name="Filter">A filter as in a search; null or empty means all.</param>
internal sealed record ExportOrder(string Format, long From, long? To, string? Filter)
{
    public static IReadOnlyList<string> Formats { get; } = ["tlog", "ndjson", "csv", "json", "pack"];

    /// <summary>Whether only a part is wanted, which the tlog format cannot hold.</summary>
    public bool IsPartial => From > 0 || To is not null || !string.IsNullOrEmpty(Filter);

    /// <summary>The order as the entry about it tells it.</summary>
    public Dictionary<string, object?> ToData(long size) => new()
    {
        ["format"] = Format,
        ["from"] = From,
        ["to"] = To ?? size,
        ["filter"] = Filter ?? "",
        ["count"] = (To ?? size) - From,
    };
}
