using System.Diagnostics;
using System.Text.Json;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access;

/// <summary>Who and from where: what the entries of one request of Access have in common.</summary>
internal sealed record AccessEntry(EntryActor Actor, EntryContext? Context, TimeProvider Time)
{
    private const int MaxAgentLength = 512;

    public EntryReason? Reason { get; init; }

    /// <summary>Whether this is done by one person because there was no second who could have agreed.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The entries of a request that its caller makes.</summary>
    public static AccessEntry Of(HttpContext http, Caller caller, TimeProvider time) =>
        new(caller.ToActor(), ContextOf(http), time);

    /// <summary>Where a request comes from.</summary>
    public static EntryContext ContextOf(HttpContext http)
    {
        var agent = http.Request.Headers.UserAgent.ToString();
        return new EntryContext
        {
            Address = http.Connection.RemoteIpAddress?.ToString(),
            TraceId = Activity.Current?.TraceId.ToString(),
            UserAgent = agent.Length == 0 ? null : agent[..Math.Min(agent.Length, MaxAgentLength)],
        };
    }

    /// <summary>An entry.</summary>
    /// <param name="type">One of <see cref="AccessEvents"/>.</param>
    /// <param name="action">What was done.</param>
    /// <param name="owasp">The word of the OWASP logging vocabulary.</param>
    /// <param name="target">What it was done to.</param>
    /// <param name="more">More members of <c>data</c>; never a secret.</param>
    public EntryDraft Draft(
        string type, string action, string owasp, EntryTarget? target, params (string Name, object? Value)[] more) => new()
        {
            Id = EntryIds.New(Time.GetUtcNow()),
            Type = type,
            Action = action,
            Actor = Actor,
            Targets = target is null ? [] : [target],
            Context = Context,
            Reason = Reason,
            DataJson = JsonSerializer.Serialize(
                more.Concat(IsAlone ? [("sole_approver", true)] : []).Prepend(("owasp", owasp)).ToDictionary(m => m.Item1, m => m.Item2, StringComparer.Ordinal)),
        };
}
