using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Cases;

/// <summary>
/// One row of <c>case_alert</c>: a unit of work that an engine raised. It names ids and codes only; what is personal
/// stays with the subject and with the evidence.
/// </summary>
internal sealed class AlertRow
{
    public const string Prefix = "alt_";
    public const string Open = "open";
    public const string Escalated = "escalated";
    public const string Closed = "closed";

    /// <summary>The severities, the gravest last.</summary>
    public static readonly IReadOnlyList<string> Severities = ["low", "medium", "high", "critical"];

    /// <summary><c>alt_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The module that raised it: screening, monitoring, access.</summary>
    public required string Source { get; init; }

    /// <summary>What kind of alert of that module, such as <c>sanctions_hit</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Repeats of the same key are counted on one alert for as long as it is not closed.</summary>
    public required string FoldKey { get; init; }

    /// <summary>The type of whom it is about, as entries name it: customer, user, account.</summary>
    public required string SubjectType { get; init; }

    public required string SubjectId { get; init; }

    /// <summary>The legal entity it belongs to; null when there is one only.</summary>
    public string? LegalEntity { get; init; }

    /// <summary>One of <see cref="Severities"/>; the gravest of all repeats.</summary>
    public required string Severity { get; set; }

    /// <summary>The queue it goes to.</summary>
    public required string Route { get; set; }

    /// <summary>The entry of the ledger that holds the evidence of the last repeat, <c>evt_…</c>.</summary>
    public required string Evidence { get; set; }

    /// <summary>The module's own record of it, such as a hit; null for none.</summary>
    public string? Reference { get; set; }

    /// <summary>How often it was raised, at least 1.</summary>
    public required int Count { get; set; }

    public required string Status { get; set; }

    /// <summary>The word of the module that raised it; null while it is not decided.</summary>
    public string? Decision { get; set; }

    public string? ReasonCode { get; set; }

    /// <summary>The caller who decided.</summary>
    public string? DecidedBy { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    public required DateTimeOffset RaisedAt { get; init; }

    public required DateTimeOffset LastAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<AlertRow>(map =>
    {
        map.ToTable("case_alert");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}
