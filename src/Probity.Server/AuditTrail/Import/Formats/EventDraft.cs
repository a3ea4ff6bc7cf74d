using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Our event on the wire while a foreign one is mapped to it; absent members are null or empty.</summary>
internal sealed record EventDraft
{
    public required string Action { get; init; }

    public required ActorDraft Actor { get; init; }

    public IReadOnlyList<TargetDraft> Targets { get; init; } = [];

    /// <summary>Gets the time of the event at its source, RFC 3339 in UTC.</summary>
    public required string OccurredAt { get; init; }

    public string Outcome { get; init; } = Outcomes.Success;

    public ReasonDraft? Reason { get; init; }

    public ContextDraft? Context { get; init; }

    public JsonObject? Before { get; init; }

    public JsonObject? After { get; init; }

    /// <summary>Gets further fields worth searching or showing: strings and integers.</summary>
    public required JsonObject Details { get; init; }

    /// <summary>Gets which log of which installation the event is from.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the id that is the same on every import of this event and differs for every other one.</summary>
    public required string ExternalId { get; init; }
}

/// <summary>Who did it.</summary>
internal sealed record ActorDraft(string Id, string? Type)
{
    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Role { get; init; }

    public string? Session { get; init; }

    public PrincipalDraft? OnBehalfOf { get; init; }
}

/// <summary>For whom the actor acts.</summary>
internal sealed record PrincipalDraft(string Id, string? Type, string? Name);

/// <summary>To what it was done.</summary>
internal sealed record TargetDraft(string Id, string? Type, string? Name = null, string? Email = null);

/// <summary>Why, in the source's words.</summary>
internal sealed record ReasonDraft(string? Code, string? Text)
{
    public static ReasonDraft? Of(string? code, string? text)
        => code is null && text is null ? null : new ReasonDraft(code, text);
}

/// <summary>From where and through what.</summary>
internal sealed record ContextDraft
{
    public string? Address { get; init; }

    public string? UserAgent { get; init; }

    public string? Service { get; init; }

    public string? RequestId { get; init; }

    public string? TraceId { get; init; }
}

/// <summary>The outcomes of an event.</summary>
internal static class Outcomes
{
    public const string Success = "success";
    public const string Failure = "failure";
    public const string Denied = "denied";
    public const string Unknown = "unknown";
}
