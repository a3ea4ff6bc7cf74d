namespace Probity.Browser.Tests;

/// <summary>Every page there is; a test compares the list with what the navigation offers.</summary>
internal static class Pages
{
    /// <summary>Path, name of its screenshot, whether it is looked at signed in.</summary>
    public static IReadOnlyList<(string Path, string Name, bool SignedIn)> All { get; } =
    [
        ("/", "home", true),
        ("/events", "events", true),
        ("/events?filter=action%3Dpayment.approve%20outcome%3Dsuccess", "events-filtered", true),
        ("/events?filter=nonsense%3D1", "events-refused", true),
        ("/events?filter=nothinglikethis", "events-empty", true),
        ("/ledger", "ledger", true),
        ("/verify", "verify", false),
        ("/sign-in", "sign-in", false),
        ("/setup", "setup", false),
        ("/nowhere", "not-found", true),
        ("/api-keys", "api-keys", true),
        ("/users", "users", true),
        ("/roles", "roles", true),
        ("/approvals", "approvals", true),
        ("/approvals?view=all", "approvals-all", true),
        ("/approval-policies", "approval-policies", true),
        ("/screening/lists", "screening-lists", true),
        ("/screening/effectiveness", "screening-effectiveness", true),
        ("/access-monitor", "access-monitor", true),
        ("/access-findings", "access-findings", true),
        ("/break-glass", "break-glass", true),
        ("/account", "account", true),
        ("/custody", "custody", true),
        ("/custody?dry-run=true", "custody-dry-run", true),
        ("/invitation", "invitation", false),
    ];
}
