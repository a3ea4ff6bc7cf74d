using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.AuditTrail.Schemas;

/// <summary>The JSON Schema that events with an action must match.</summary>
internal sealed class EventSchemaRow
{
    public required string Action { get; init; }

    /// <summary>The schema's exact text.</summary>
    public required string Schema { get; set; }

    /// <summary>1 for the first, one more with each change.</summary>
    public required int Version { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<EventSchemaRow>(map =>
    {
        map.ToTable("event_schema");
        map.HasKey(row => row.Action);
        map.Audited();
    });
}
