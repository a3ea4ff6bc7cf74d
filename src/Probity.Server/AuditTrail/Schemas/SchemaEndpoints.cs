using System.Text;
using System.Text.Json.Nodes;
using Probity.Ledger.Json;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.AuditTrail.Events;

namespace Probity.Server.AuditTrail.Schemas;

/// <summary>Reading and setting the schemas of actions.</summary>
internal sealed class SchemaEndpoints(EventSchemas schemas)
{
    private const int MaxSchemaBytes = 256 * 1024;

    public async Task<JsonObject> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await schemas.ListAsync(cancellationToken);
        return new JsonObject { ["event_schemas"] = new JsonArray([.. rows.Select(row => (JsonNode)View(row))]) };
    }

    public async Task<JsonObject> GetAsync(string action, CancellationToken cancellationToken) =>
        View(await schemas.FindAsync(action, cancellationToken) ?? throw NotFound());

    public async Task<JsonObject> PutAsync(HttpContext http, string action)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, MaxSchemaBytes, "request.body_too_large", http.RequestAborted);
        using (JsonTape.Parse(body.Memory, new JsonLimits(MaxSchemaBytes)))
        {
            var text = Encoding.UTF8.GetString(body.Memory.Span);
            return View(await schemas.PutAsync(action, text, http.Caller()!, http.RequestAborted)); // Permission checked.
        }
    }

    public async Task DeleteAsync(HttpContext http, string action)
    {
        if (!await schemas.DeleteAsync(action, http.Caller()!, http.RequestAborted)) // The permission was checked.
        {
            throw NotFound();
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static JsonObject View(EventSchemaRow row) => new()
    {
        ["action"] = row.Action,
        ["version"] = row.Version,
        ["updated_at"] = row.UpdatedAt,
        ["schema"] = JsonNode.Parse(row.Schema),
    };

    private static RefusedException NotFound() => new("event.schema_not_found", "", "No schema is set for this action.");
}
