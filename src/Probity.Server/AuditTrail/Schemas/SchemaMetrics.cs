using System.Diagnostics.Metrics;

namespace Probity.Server.AuditTrail.Schemas;

/// <summary>Counts events that do not match the schema of their action.</summary>
internal sealed class SchemaMetrics : IDisposable
{
    private readonly Meter _meter = new("Probity.Schemas");
    private readonly Counter<long> _violations;

    public SchemaMetrics() => _violations = _meter.CreateCounter<long>(
        "probity_event_schema_violations", description: "Events that did not match the schema of their action");

    public void Violated() => _violations.Add(1);

    public void Dispose() => _meter.Dispose();
}

internal static partial class SchemaLog
{
    [LoggerMessage(1301, LogLevel.Warning, "An event does not match its schema in {Count} places, the first is {Kind}")]
    public static partial void SchemaViolated(this ILogger logger, int count, string kind);
}
