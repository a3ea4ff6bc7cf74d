using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Google Cloud Audit Logs: log entries with an AuditLog payload, as JSON lines or an array.</summary>
/// <remarks>Source: Google Cloud documentation, "Understand audit logs", AuditLog and LogEntry references.</remarks>
internal sealed class GcpFormat : MappedFormat
{
    /// <summary>Names of status codes. Source: google.rpc.Code.</summary>
    private static readonly string[] Codes =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    public override string Name => "gcp";

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("protoPayload", "methodName") is not null;

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
    {
        var payload = sourceEvent.At("protoPayload");
        var (before, after) = ChangeOf(payload);
        return new EventDraft
        {
            Action = payload.Required("methodName"),
            Actor = ActorOf(payload),
            Targets = TargetsOf(sourceEvent, payload),
            OccurredAt = sourceEvent.RequiredTime("timestamp"),
            Outcome = OutcomeOf(payload),
            Reason = ReasonDraft.Of(
                CodeOf(payload), payload.Text("status", "message") ?? ReasonGiven(payload)),
            Context = new ContextDraft
            {
                Address = payload.Text("requestMetadata", "callerIp"),
                UserAgent = payload.Text("requestMetadata", "callerSuppliedUserAgent"),
                Service = payload.Text("serviceName"),
                RequestId = sourceEvent.Text("operation", "id") ?? sourceEvent.Text("insertId"),
                TraceId = sourceEvent.Text("trace"),
            },
            Before = before,
            After = after,
            Details = DetailsOf(sourceEvent, payload),
            Source = $"gcp:{ScopeOf(sourceEvent)}",
            ExternalId = sourceEvent.Text("insertId") is { } id
                ? $"{LogOf(sourceEvent)}:{sourceEvent.Text("timestamp")}:{id}"
                : TextHash(text),
        };
    }

    /// <summary>What the log belongs to: <c>projects/1234</c> of <c>projects/1234/logs/…</c>.</summary>
    private static string ScopeOf(JsonElement sourceEvent)
        => sourceEvent.Text("logName")?.Split("/logs/")[0]
            ?? sourceEvent.Text("resource", "labels", "project_id")
            ?? "unknown";

    private static string LogOf(JsonElement sourceEvent)
        => sourceEvent.Text("logName") is { } name && name.Split("/logs/") is [_, var log]
            ? Uri.UnescapeDataString(log)
            : "audit";

    private static ActorDraft ActorOf(JsonElement payload)
    {
        var authentication = payload.At("authenticationInfo");
        var email = authentication.Text("principalEmail");
        var subject = authentication.Text("principalSubject");
        return new ActorDraft(subject ?? email ?? "unknown", TypeOf(subject, email))
        {
            Name = email,
            Email = email,
            Session = authentication.Text("serviceAccountKeyName"),
            OnBehalfOf = DelegatorOf(authentication),
        };
    }

    private static string TypeOf(string? subject, string? email) => (subject, email) switch
    {
        (null, null) => "unknown",
        ({ } by, _) when by.StartsWith("serviceAccount:", StringComparison.Ordinal) => "service_account",
        (_, { } mail) when mail.EndsWith("gserviceaccount.com", StringComparison.Ordinal) => "service_account",
        ({ } by, _) when by.StartsWith("principal", StringComparison.Ordinal) => "federated_user",
        _ => "user",
    };

    /// <summary>Who impersonates the service account: the first of the delegation chain.</summary>
    private static PrincipalDraft? DelegatorOf(JsonElement authentication)
    {
        var first = authentication.Items("serviceAccountDelegationInfo").FirstOrDefault();
        var email = first.Text("firstPartyPrincipal", "principalEmail");
        var subject = first.Text("principalSubject");
        return (subject ?? email) is { } id ? new PrincipalDraft(id, TypeOf(subject, email), email) : null;
    }

    private static List<TargetDraft> TargetsOf(JsonElement sourceEvent, JsonElement payload)
    {
        var targets = new List<TargetDraft>();
        if (payload.Text("resourceName") is { } resource)
        {
            Add(resource, sourceEvent.Text("resource", "type"));
        }

        foreach (var checkedFor in payload.Items("authorizationInfo"))
        {
            if (checkedFor.Text("resource") is { } other)
            {
                Add(other, checkedFor.Text("resourceAttributes", "type") ?? checkedFor.Text("resourceType"));
            }
        }

        return targets;

        void Add(string id, string? type)
        {
            const int MaxTargets = 50;
            if (targets.Count < MaxTargets && targets.All(known => known.Id != id))
            {
                targets.Add(new TargetDraft(id, type, id[(id.LastIndexOf('/') + 1)..]));
            }
        }
    }

    private static string OutcomeOf(JsonElement payload)
    {
        var code = payload.Text("status", "code") ?? "0";

        // An absent "granted" is not read as false: proto JSON leaves false out, but so do services for true.
        var isRefused = payload.Items("authorizationInfo").Any(item => item.Text("granted") == "false");
        return code switch
        {
            "7" or "16" => Outcomes.Denied,
            _ when isRefused => Outcomes.Denied,
            "0" => Outcomes.Success,
            _ => Outcomes.Failure,
        };
    }

    private static string? CodeOf(JsonElement payload)
        => payload.Text("status", "code") switch
        {
            null or "0" => null,
            var code when int.TryParse(code, out var number) && number > 0 && number < Codes.Length => Codes[number],
            var code => code,
        };

    private static string? ReasonGiven(JsonElement payload)
        => payload.Text("requestMetadata", "requestAttributes", "reason");

    /// <summary>What a policy change took away and gave; the whole policy before it is not in the log.</summary>
    private static (JsonObject? Before, JsonObject? After) ChangeOf(JsonElement payload)
    {
        var deltas = payload.Items("serviceData", "policyDelta", "bindingDeltas")
            .Concat(payload.Items("metadata", "policyDelta", "bindingDeltas"))
            .ToList();
        return (Bindings("removed_bindings", "REMOVE"), Bindings("added_bindings", "ADD"));

        JsonObject? Bindings(string name, string action)
        {
            var bindings = deltas.Where(delta => delta.Text("action") == action)
                .Select(delta => delta.CopyObject()).OfType<JsonNode>().ToArray();
            return bindings.Length == 0 ? null : new JsonObject { [name] = new JsonArray(bindings) };
        }
    }

    private static JsonObject DetailsOf(JsonElement sourceEvent, JsonElement payload)
    {
        var details = new JsonObject();
        details.Put("severity", sourceEvent.At("severity"));
        details.Put("log_name", sourceEvent.At("logName"));
        details.Put("insert_id", sourceEvent.At("insertId"));
        details.Put("received_at", sourceEvent.At("receiveTimestamp"));
        details.Put("resource_type", sourceEvent.At("resource", "type"));
        details.Put("project", sourceEvent.At("resource", "labels", "project_id"));
        details.Put("location", sourceEvent.At("resource", "labels", "location"));
        details.Put("authority", payload.At("authenticationInfo", "authoritySelector"));
        details.Put("response_items", payload.At("numResponseItems"));
        var permissions = payload.Items("authorizationInfo").Select(item => item.Text("permission")).OfType<string>();
        details.Put("permissions", string.Join(' ', permissions.Distinct(StringComparer.Ordinal).Take(10)));
        return details;
    }
}
