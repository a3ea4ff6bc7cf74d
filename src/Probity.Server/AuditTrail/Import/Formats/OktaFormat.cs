using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Okta System Log events as JSON lines or an array, as the API and its export write them.</summary>
/// <remarks>Source: Okta developer documentation, "System Log API" (LogEvent object).</remarks>
internal sealed class OktaFormat : MappedFormat
{
    private static readonly string[] DebugFields =
        ["requestUri", "url", "threatSuspected", "privilegeGranted", "privilegeRevoked", "risk", "behaviors", "factor"];

    public override string Name => "okta";

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("eventType") is not null && sourceEvent.Text("published") is not null
            && sourceEvent.At("actor").ValueKind == JsonValueKind.Object;

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
    {
        var occurredAt = sourceEvent.RequiredTime(out var zoneAssumed, "published");
        var (before, after) = ChangeOf(sourceEvent);
        return new EventDraft
        {
            Action = sourceEvent.Required("eventType"),
            Actor = ActorOf(sourceEvent),
            Targets = [.. sourceEvent.Items("target").Select(TargetOf).OfType<TargetDraft>()],
            OccurredAt = occurredAt,
            Outcome = OutcomeOf(sourceEvent.Text("outcome", "result")),
            Reason = ReasonDraft.Of(null, sourceEvent.Text("outcome", "reason")),
            Context = new ContextDraft
            {
                Address = sourceEvent.Text("client", "ipAddress"),
                UserAgent = sourceEvent.Text("client", "userAgent", "rawUserAgent"),
                Service = "okta",
                RequestId = sourceEvent.Text("debugContext", "debugData", "requestId")
                    ?? sourceEvent.Text("transaction", "id"),
                TraceId = sourceEvent.Text("debugContext", "debugData", "traceId"),
            },
            Before = before,
            After = after,
            Details = DetailsOf(sourceEvent, zoneAssumed),
            Source = "okta",
            ExternalId = sourceEvent.Text("uuid") ?? TextHash(text),
        };
    }

    private static ActorDraft ActorOf(JsonElement sourceEvent)
    {
        var actor = sourceEvent.At("actor");
        var login = actor.Text("alternateId");
        return new ActorDraft(actor.Text("id") ?? login ?? "unknown", TypeOf(actor.Text("type")))
        {
            Name = actor.Text("displayName"),
            Email = EmailOf(login),
            Session = sourceEvent.Text("authenticationContext", "externalSessionId"),
        };
    }

    private static TargetDraft? TargetOf(JsonElement target)
    {
        var login = target.Text("alternateId");
        return (target.Text("id") ?? login) is { } id
            ? new TargetDraft(id, TypeOf(target.Text("type")), target.Text("displayName") ?? login, EmailOf(login))
            : null;
    }

    private static string? TypeOf(string? type) => type switch
    {
        "User" => "user",
        "SystemPrincipal" => "system",
        "PublicClientApp" or "ClientApp" => "application",
        _ => type,
    };

    private static string? EmailOf(string? login)
        => login?.Contains('@', StringComparison.Ordinal) == true ? login : null;

    private static string OutcomeOf(string? result) => result?.ToUpperInvariant() switch
    {
        "SUCCESS" or "ALLOW" => Outcomes.Success,
        "FAILURE" => Outcomes.Failure,
        "DENY" => Outcomes.Denied,
        _ => Outcomes.Unknown,
    };

    /// <summary>Privileges from the debug data, and each target's <c>changeDetails</c> {from, to} under its id.</summary>
    private static (JsonObject? Before, JsonObject? After) ChangeOf(JsonElement sourceEvent)
    {
        var (before, after) = (new JsonObject(), new JsonObject());
        before.Put("privileges", sourceEvent.At("debugContext", "debugData", "privilegeRevoked"));
        after.Put("privileges", sourceEvent.At("debugContext", "debugData", "privilegeGranted"));
        foreach (var target in sourceEvent.Items("target"))
        {
            var id = target.Text("id") ?? "target";
            PutObject(before, id, target.At("changeDetails", "from"));
            PutObject(after, id, target.At("changeDetails", "to"));
        }

        var delta = sourceEvent.At("debugContext", "debugData", "policyDelta");
        PutObject(after, "policy_delta", delta);
        return (before.Count == 0 ? null : before, after.Count == 0 ? null : after);
    }

    private static void PutObject(JsonObject into, string name, JsonElement value)
    {
        if (value.CopyObject() is { } copy)
        {
            into[name] = copy;
        }
    }

    private static JsonObject DetailsOf(JsonElement sourceEvent, bool zoneAssumed)
    {
        var details = new JsonObject();
        details.Put("summary", sourceEvent.At("displayMessage"));
        details.Put("outcome_result", sourceEvent.At("outcome", "result"));
        details.Put("severity", sourceEvent.At("severity"));
        details.Put("legacy_event_type", sourceEvent.At("legacyEventType"));
        details.Put("transaction_type", sourceEvent.At("transaction", "type"));
        details.Put("transaction_id", sourceEvent.At("transaction", "id"));
        details.Put("authentication_provider", sourceEvent.At("authenticationContext", "authenticationProvider"));
        details.Put("credential_type", sourceEvent.At("authenticationContext", "credentialType"));
        details.Put("country", sourceEvent.At("client", "geographicalContext", "country"));
        details.Put("city", sourceEvent.At("client", "geographicalContext", "city"));
        details.Put("device", sourceEvent.At("client", "device"));
        foreach (var field in DebugFields)
        {
            details.Put(JsonNamingPolicy.SnakeCaseLower.ConvertName(field), sourceEvent.At("debugContext", "debugData", field));
        }

        if (zoneAssumed)
        {
            details["assumed_time_zone"] = "UTC";
        }

        return details;
    }
}
