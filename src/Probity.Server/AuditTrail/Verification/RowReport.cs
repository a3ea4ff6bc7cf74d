using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>A row that is not what the ledger says it is. Names columns, never their values.</summary>
/// <param name="Kind">
/// <c>row_changed</c>, <c>row_rolled_back</c>, <c>row_inserted</c>, <c>row_deleted</c> or <c>row_unreadable</c>.
/// </param>
/// <param name="Table">The table.</param>
/// <param name="Key">The row's key; parts joined by slashes.</param>
/// <param name="Entry">The entry of the row's last change in the ledger; of an inserted row, the one it names.</param>
/// <param name="Columns">The columns that differ.</param>
/// <param name="Detail">What was done, in words.</param>
internal sealed record RowFinding(
    string Kind, string Table, string Key, string Entry, IReadOnlyList<string> Columns, string Detail);

/// <summary>What a comparison of rows with their entries found.</summary>
/// <param name="Tables">Audited tables.</param>
/// <param name="Rows">Rows compared.</param>
/// <param name="Findings">At most <see cref="MaxFindings"/>.</param>
internal sealed record RowReport(int Tables, long Rows, IReadOnlyList<RowFinding> Findings)
{
    public const int MaxFindings = 1_000;

    public bool IsSound => Findings.Count == 0;

    /// <summary>Adds this to the report of an audit, which is sound only if both are.</summary>
    public void AddTo(JsonObject report)
    {
        report["sound"] = IsSound && report["sound"]!.GetValue<bool>();
        report["rows"] = new JsonObject
        {
            ["sound"] = IsSound,
            ["tables"] = Tables,
            ["rows"] = Rows,
            ["findings"] = new JsonArray([.. Findings.Select(Of)]),
        };
    }

    private static JsonNode Of(RowFinding finding) => new JsonObject
    {
        ["kind"] = finding.Kind,
        ["table"] = finding.Table,
        ["key"] = finding.Key,
        ["entry"] = finding.Entry,
        ["columns"] = new JsonArray([.. finding.Columns.Select(column => (JsonNode)column)]),
        ["detail"] = finding.Detail,
    };
}
