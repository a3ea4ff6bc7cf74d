using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>AWS CloudTrail: <c>{"Records":[…]}</c> files as delivered to S3, arrays, and JSON lines.</summary>
/// <remarks>Source: AWS CloudTrail User Guide, "CloudTrail record contents" (event version 1.11).</remarks>
internal sealed class CloudTrailFormat : MappedFormat
{
    private const int MaxParameters = 16;
    private const int MaxParameterLength = 256;

    private static readonly string[] DenialWords =
        ["AccessDenied", "Unauthorized", "NotAuthorized", "Forbidden", "AccessDeniedException"];

    public override string Name => "cloudtrail";

    public override IReadOnlyList<string> WrapperMembers => ["Records"];

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("eventName") is not null && sourceEvent.Text("eventSource") is not null
            && sourceEvent.Text("eventTime") is not null;

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
    {
        var eventSource = sourceEvent.Required("eventSource");
        var account = AccountOf(sourceEvent);
        return new EventDraft
        {
            Action = $"{ShortName(eventSource)}.{sourceEvent.Required("eventName")}",
            Actor = CloudTrailActor.Of(sourceEvent),
            Targets = CloudTrailTargets.Of(sourceEvent, eventSource, account),
            OccurredAt = sourceEvent.RequiredTime("eventTime"),
            Outcome = OutcomeOf(sourceEvent),
            Reason = ReasonDraft.Of(
                sourceEvent.Text("errorCode"),
                sourceEvent.Text("errorMessage") ?? sourceEvent.Text("responseElements", "errorMessage")),
            Context = new ContextDraft
            {
                Address = sourceEvent.Text("sourceIPAddress"),
                UserAgent = sourceEvent.Text("userAgent"),
                Service = eventSource,
                RequestId = sourceEvent.Text("requestID"),
            },
            Details = DetailsOf(sourceEvent),
            Source = $"aws-cloudtrail:{account ?? "unknown"}",
            ExternalId = sourceEvent.Text("eventID") ?? TextHash(text),
        };
    }

    private static string? AccountOf(JsonElement sourceEvent)
        => sourceEvent.Text("recipientAccountId") ?? sourceEvent.Text("userIdentity", "accountId");

    private static string ShortName(string eventSource)
        => eventSource.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase)
            ? eventSource[..^".amazonaws.com".Length]
            : eventSource;

    private static string OutcomeOf(JsonElement sourceEvent)
    {
        if (sourceEvent.Text("errorCode") is { } error)
        {
            return DenialWords.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase))
                ? Outcomes.Denied
                : Outcomes.Failure;
        }

        // Console sign-ins carry no errorCode for a wrong password; older ones only say so in the response.
        var signIn = sourceEvent.At("responseElements")
            .Text(sourceEvent.Text("eventName") ?? "");
        return string.Equals(signIn, "Failure", StringComparison.OrdinalIgnoreCase)
            || sourceEvent.Text("errorMessage") is not null
            ? Outcomes.Failure
            : Outcomes.Success;
    }

    private static JsonObject DetailsOf(JsonElement sourceEvent)
    {
        var identity = sourceEvent.At("userIdentity");
        var details = new JsonObject();
        details.Put("region", sourceEvent.At("awsRegion"));
        details.Put("account", AccountOf(sourceEvent));
        details.Put("event_type", sourceEvent.At("eventType"));
        details.Put("event_category", sourceEvent.At("eventCategory"));
        details.Put("event_version", sourceEvent.At("eventVersion"));
        details.Put("api_version", sourceEvent.At("apiVersion"));
        details.Put("read_only", sourceEvent.At("readOnly"));
        details.Put("shared_event_id", sourceEvent.At("sharedEventID"));
        details.Put("vpc_endpoint", sourceEvent.At("vpcEndpointId"));
        details.Put("identity_type", identity.At("type"));
        details.Put("principal_id", identity.At("principalId"));
        details.Put("access_key_id", identity.At("accessKeyId"));
        details.Put("invoked_by", identity.At("invokedBy"));
        details.Put("session_issuer", identity.At("sessionContext", "sessionIssuer", "arn"));
        details.Put("session_created_at", identity.At("sessionContext", "attributes", "creationDate"));
        details.Put(
            "mfa",
            identity.Text("sessionContext", "attributes", "mfaAuthenticated")
                ?? sourceEvent.Text("additionalEventData", "MFAUsed"));
        details.Put("tls_version", sourceEvent.At("tlsDetails", "tlsVersion"));
        if (ParametersOf(sourceEvent) is { Count: > 0 } parameters)
        {
            details["request"] = parameters;
        }

        return details;
    }

    /// <summary>The short scalars of the request: who opened which port, which policy was attached.</summary>
    private static JsonObject ParametersOf(JsonElement sourceEvent)
    {
        var parameters = new JsonObject();
        foreach (var member in sourceEvent.Members("requestParameters"))
        {
            if (parameters.Count < MaxParameters && member.Value.Text() is { Length: <= MaxParameterLength })
            {
                parameters.Put(member.Name, member.Value);
            }
        }

        return parameters;
    }
}
