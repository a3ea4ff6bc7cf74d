using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Kubernetes API server audit log (JSON lines), and the <c>EventList</c> its webhook sends.</summary>
/// <remarks>Source: Kubernetes documentation, "kube-apiserver Audit Configuration (v1)", type Event.</remarks>
internal sealed class KubernetesFormat : MappedFormat
{
    private const string Decision = "authorization.k8s.io/decision";
    private const string DecisionReason = "authorization.k8s.io/reason";

    public override string Name => "kubernetes";

    public override IReadOnlyList<string> WrapperMembers => ["items"];

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("auditID") is not null && sourceEvent.Text("verb") is not null;

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
    {
        var auditId = sourceEvent.Required("auditID");
        var outcome = OutcomeOf(sourceEvent);
        return new EventDraft
        {
            Action = ActionOf(sourceEvent),
            Actor = ActorOf(sourceEvent),
            Targets = [TargetOf(sourceEvent)],
            OccurredAt = TimeOf(sourceEvent),
            Outcome = outcome,
            Reason = ReasonOf(sourceEvent, outcome),
            Context = new ContextDraft
            {
                Address = sourceEvent.Items("sourceIPs").FirstOrDefault().Text(),
                UserAgent = sourceEvent.Text("userAgent"),
                Service = "kube-apiserver",
                RequestId = auditId,
            },
            After = outcome == Outcomes.Success ? AfterOf(sourceEvent) : null,
            Details = DetailsOf(sourceEvent),
            Source = "kubernetes",

            // A caller may choose the audit id (Audit-ID header), and could so hide an event behind an older one:
            // the hash of the text keeps them apart.
            ExternalId = $"{auditId}:{sourceEvent.Text("stage") ?? "-"}:{TextHash(text)[7..39]}",
        };
    }

    private static string ActionOf(JsonElement sourceEvent)
    {
        var verb = sourceEvent.Required("verb");
        var resource = sourceEvent.Text("objectRef", "resource");
        if (resource is null)
        {
            var path = sourceEvent.Text("requestURI")?.Split('?')[0];
            return path is null ? verb : $"{verb} {path}";
        }

        return sourceEvent.Text("objectRef", "subresource") is { } part
            ? $"{verb} {resource}/{part}"
            : $"{verb} {resource}";
    }

    private static ActorDraft ActorOf(JsonElement sourceEvent)
    {
        var name = sourceEvent.Text("user", "username") ?? "system:anonymous";
        var credential = sourceEvent
            .Items("user", "extra", "authentication.kubernetes.io/credential-id").FirstOrDefault().Text();
        var impersonated = sourceEvent.Text("impersonatedUser", "username");
        return new ActorDraft(name, TypeOf(name))
        {
            Name = name,
            Email = name.Contains('@', StringComparison.Ordinal) && !name.StartsWith("system:", StringComparison.Ordinal)
                ? name
                : null,
            Role = RoleOf(sourceEvent),
            Session = credential,
            OnBehalfOf = impersonated is null ? null : new PrincipalDraft(impersonated, TypeOf(impersonated), impersonated),
        };
    }

    /// <summary>The groups by which rights are given, without the one that every caller is in.</summary>
    private static string? RoleOf(JsonElement sourceEvent)
    {
        var groups = sourceEvent.Items("user", "groups").Select(group => group.Text())
            .Where(group => group is not (null or "system:authenticated" or "system:unauthenticated"));
        return string.Join(',', groups) is { Length: > 0 and <= 256 } role ? role : null;
    }

    private static string TypeOf(string name) => name switch
    {
        "system:anonymous" => "anonymous",
        _ when name.StartsWith("system:serviceaccount:", StringComparison.Ordinal) => "service_account",
        _ when name.StartsWith("system:node:", StringComparison.Ordinal) => "node",
        _ when name.StartsWith("system:", StringComparison.Ordinal) => "system",
        _ => "user",
    };

    private static TargetDraft TargetOf(JsonElement sourceEvent)
    {
        var reference = sourceEvent.At("objectRef");
        if (reference.Text("resource") is not { } resource)
        {
            return new TargetDraft(sourceEvent.Text("requestURI") ?? "/", "path");
        }

        // A name that the server makes up (generateName) is only in its answer.
        var name = reference.Text("name") ?? sourceEvent.Text("responseObject", "metadata", "name");
        var space = reference.Text("namespace");
        var group = reference.Text("apiGroup");
        var id = string.Join('/', new[] { space, resource, name }.Where(part => part is not null));
        return new TargetDraft(id, group is null ? resource : $"{resource}.{group}", name);
    }

    private static string TimeOf(JsonElement sourceEvent)
    {
        string[] fields = ["requestReceivedTimestamp", "stageTimestamp", "timestamp"];
        var field = fields.FirstOrDefault(name => sourceEvent.Text(name) is not null) ?? fields[0];
        return sourceEvent.RequiredTime(field);
    }

    private static string OutcomeOf(JsonElement sourceEvent)
    {
        var hasCode = sourceEvent.At("responseStatus", "code").ValueKind == JsonValueKind.Number
            && sourceEvent.At("responseStatus", "code").TryGetInt32(out _);
        var code = hasCode ? sourceEvent.At("responseStatus", "code").GetInt32() : 0;
        if (sourceEvent.At("annotations").Text(Decision) == "forbid" || code is 401 or 403)
        {
            return Outcomes.Denied;
        }

        return (code, sourceEvent.Text("stage")) switch
        {
            ( >= 400, _) or (_, "Panic") => Outcomes.Failure,
            ( > 0, _) => Outcomes.Success,

            // The request was only received, or is still going on: nothing is known of its end.
            _ => Outcomes.Unknown,
        };
    }

    private static ReasonDraft? ReasonOf(JsonElement sourceEvent, string outcome)
    {
        var allowedBy = sourceEvent.At("annotations").Text(DecisionReason);
        if (outcome == Outcomes.Success)
        {
            return ReasonDraft.Of(null, allowedBy);
        }

        return ReasonDraft.Of(
            sourceEvent.Text("responseStatus", "reason") ?? sourceEvent.Text("responseStatus", "code"),
            sourceEvent.Text("responseStatus", "message") ?? allowedBy);
    }

    /// <summary>The object as it is after the request, else what the request asked for.</summary>
    private static JsonObject? AfterOf(JsonElement sourceEvent)
    {
        if (sourceEvent.Text("verb") is not ("create" or "update" or "patch" or "apply"))
        {
            return null;
        }

        return sourceEvent.At("responseObject").CopyObject() ?? sourceEvent.At("requestObject").CopyObject();
    }

    private static JsonObject DetailsOf(JsonElement sourceEvent)
    {
        var details = new JsonObject();
        details.Put("level", sourceEvent.At("level"));
        details.Put("stage", sourceEvent.At("stage"));
        details.Put("request_uri", sourceEvent.At("requestURI"));
        details.Put("response_code", sourceEvent.At("responseStatus", "code"));
        details.Put("decision", sourceEvent.At("annotations").At(Decision));
        details.Put("user_uid", sourceEvent.At("user", "uid"));
        details.Put("groups", Joined(sourceEvent.Items("user", "groups")));
        details.Put("source_addresses", Joined(sourceEvent.Items("sourceIPs")));
        details.Put("api_version", sourceEvent.At("objectRef", "apiVersion"));
        details.Put("object_uid", sourceEvent.At("objectRef", "uid"));
        details.Put("resource_version", sourceEvent.At("objectRef", "resourceVersion"));
        return details;
    }

    private static string Joined(IEnumerable<JsonElement> items)
        => string.Join(' ', items.Select(item => item.Text()).OfType<string>());
}
