using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>GitHub organisation and enterprise audit log, as exported or streamed (JSON lines or an array).</summary>
/// <remarks>Source: GitHub Docs, "Audit log events for your organization"; times are epoch milliseconds.</remarks>
internal sealed class GithubFormat : MappedFormat
{
    private static readonly string[] OldPrefixes = ["old_", "previous_"];

    /// <summary>Members that name what the action was done to, and the type of it.</summary>
    private static readonly (string Member, string Type)[] TargetMembers =
    [
        ("repo", "repository"), ("repository", "repository"), ("user", "user"), ("team", "team"),
        ("hook_id", "webhook"), ("integration", "application"), ("oauth_application", "application"),
        ("branch", "branch"), ("environment_name", "environment"), ("secret_name", "secret"),
        ("workflow_id", "workflow"), ("runner_name", "runner"), ("ruleset_name", "ruleset"),
    ];

    private static readonly HashSet<string> MappedMembers = new(StringComparer.Ordinal)
    {
        "actor", "action", "created_at", "@timestamp", "actor_ip", "user_agent", "request_id", "_document_id", "org",
        "repo", "user", "data",
    };

    public override string Name => "github";

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("action") is { } action && action.Contains('.', StringComparison.Ordinal)
            && (sourceEvent.Text("created_at") ?? sourceEvent.Text("@timestamp")) is not null
            && sourceEvent.At("actor").ValueKind is JsonValueKind.String or JsonValueKind.Undefined or JsonValueKind.Null;

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
    {
        var action = sourceEvent.Required("action");
        var (before, after) = ChangeOf(sourceEvent);
        return new EventDraft
        {
            Action = action,
            Actor = ActorOf(sourceEvent),
            Targets = TargetsOf(sourceEvent),
            OccurredAt = TimeOf(sourceEvent),
            Outcome = OutcomeOf(action),
            Reason = ReasonDraft.Of(null, sourceEvent.Text("reason") ?? sourceEvent.Text("explanation")),
            Context = new ContextDraft
            {
                Address = sourceEvent.Text("actor_ip"),
                UserAgent = sourceEvent.Text("user_agent"),
                Service = "github",
                RequestId = sourceEvent.Text("request_id"),
            },
            Before = before,
            After = after,
            Details = DetailsOf(sourceEvent),
            Source = $"github:{sourceEvent.Text("org") ?? sourceEvent.Text("business") ?? "unknown"}",
            ExternalId = sourceEvent.Text("_document_id") ?? TextHash(text),
        };
    }

    private static ActorDraft ActorOf(JsonElement sourceEvent)
    {
        var login = sourceEvent.Text("actor");
        var isBot = sourceEvent.Text("actor_is_bot") is "true"
            || login?.EndsWith("[bot]", StringComparison.Ordinal) == true;
        var person = sourceEvent.Text("external_identity_nameid");
        return new ActorDraft(
            login ?? sourceEvent.Text("actor_id") ?? sourceEvent.Text("deploy_key_fingerprint") ?? "unknown",
            login is null ? "unknown" : isBot ? "bot" : "user")
        {
            Name = login,
            Email = person?.Contains('@', StringComparison.Ordinal) == true ? person : null,
            Session = sourceEvent.Text("actor_session"),
        };
    }

    private static string TimeOf(JsonElement sourceEvent)
    {
        var field = sourceEvent.Text("@timestamp") is not null ? "@timestamp" : "created_at";
        var value = sourceEvent.At(field);
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetInt64(out var epoch) && SourceTime.TryParseEpoch(epoch, out var utc)
                ? utc
                : throw new SourceRefusedException(SourceRefusal.Time(field, value.GetRawText()));
        }

        return sourceEvent.RequiredTime(field);
    }

    /// <summary>The log records what was done; only its names tell what was tried in vain.</summary>
    private static string OutcomeOf(string action)
    {
        var verb = action[(action.LastIndexOf('.') + 1)..];
        return verb switch
        {
            _ when verb.Contains("fail", StringComparison.Ordinal) => Outcomes.Failure,
            _ when verb.Contains("denied", StringComparison.Ordinal) => Outcomes.Denied,
            _ when verb.Contains("rejected", StringComparison.Ordinal) => Outcomes.Denied,
            _ => Outcomes.Success,
        };
    }

    private static List<TargetDraft> TargetsOf(JsonElement sourceEvent)
    {
        var targets = new List<TargetDraft>();
        foreach (var (member, type) in TargetMembers)
        {
            if (sourceEvent.Text(member) is { } id && targets.All(known => known.Id != id))
            {
                targets.Add(new TargetDraft(id, type, member == "hook_id" ? null : id));
            }
        }

        if (sourceEvent.Text("org") is { } organisation)
        {
            targets.Add(new TargetDraft(organisation, "organization", organisation));
        }

        return targets;
    }

    /// <summary>Pairs like <c>old_permission</c>/<c>permission</c> and <c>previous_visibility</c>/<c>visibility</c>.</summary>
    private static (JsonObject? Before, JsonObject? After) ChangeOf(JsonElement sourceEvent)
    {
        var (before, after) = (new JsonObject(), new JsonObject());
        foreach (var member in sourceEvent.EnumerateObject())
        {
            var prefix = OldPrefixes.FirstOrDefault(p => member.Name.StartsWith(p, StringComparison.Ordinal));
            if (prefix is null || member.Value.CopyValue() is not { } old)
            {
                continue;
            }

            var name = member.Name[prefix.Length..];
            before[name] = old;
            if (sourceEvent.At(name).CopyValue() is { } current)
            {
                after[name] = current;
            }
        }

        return (before.Count == 0 ? null : before, after.Count == 0 ? null : after);
    }

    private static JsonObject DetailsOf(JsonElement sourceEvent)
    {
        const int MaxDetails = 24;
        var details = new JsonObject();
        details.Put("organization", sourceEvent.At("org"));
        foreach (var member in sourceEvent.EnumerateObject())
        {
            if (details.Count < MaxDetails && !MappedMembers.Contains(member.Name)
                && member.Value.Text() is { Length: <= 256 })
            {
                details.Put(member.Name, member.Value);
            }
        }

        return details;
    }
}
