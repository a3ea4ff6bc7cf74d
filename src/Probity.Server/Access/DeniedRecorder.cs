using Probity.Server.Storage.Commits;

namespace Probity.Server.Access;

/// <summary>A refusal of an authenticated caller is an entry: someone tried what they may not do.</summary>
internal sealed class DeniedRecorder(Lazy<ILedgerWriter> ledger, TimeProvider time)
{
    /// <summary>Records the refusal; durable when the task completes.</summary>
    /// <param name="http">The request.</param>
    /// <param name="caller">Who made it; null when a forged request was not attributed.</param>
    /// <param name="code">The error code of the answer.</param>
    /// <param name="permission">What was missing; null when it was something else.</param>
    public Task RecordAsync(HttpContext http, Caller? caller, string code, string? permission)
    {
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        var actor = caller?.ToActor() ?? new EntryActor("user", "unknown");
        var draft = new AccessEntry(actor, AccessEntry.ContextOf(http), time).Draft(
            AccessEvents.Denied, "access.denied", "authz_fail", new EntryTarget("endpoint", $"{http.Request.Method} {route}"),
            ("code", code), ("permission", permission));
        return ledger.Value.AppendAsync(new AppendRequest([draft with { Outcome = "denied" }]), CancellationToken.None);
    }
}
