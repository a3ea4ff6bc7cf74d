using Probity.Server.Access;

namespace Probity.Server.Ui.Layout;

/// <summary>The navigation, grouped by task; a caller sees what he may open.</summary>
internal static class Navigation
{
    private static readonly NavigationGroup[] s_groups =
    [
        new("evidence", "Evidence",
        [
            new("Audit explorer", "/events", "scroll-text", Permission.ReadEntries, "Find what happened, see what changed, prove it"),
            new("Ledger", "/ledger", "book-open-check", null, "Checkpoints, keys and verification, open to anyone"),
            new("Verify a pack", "/verify", "file-check", null, "Check evidence in the browser; nothing is sent"),
        ]),
        new("monitoring", "Monitoring",
        [
            new("Alerts", "/alerts", "inbox", Permission.ReadAlerts, "What engines raised and nobody has closed"),
            new("Transactions", "/transactions", "activity", Permission.ReadTransactions,
                "Every decision, why, and its proof"),
            new("Customers", "/customers", "users", Permission.ReadCustomers, "Profiles, ratings, owners and activity"),
            new("Due", "/customers/due", "shield-check", Permission.ReadCustomers, "Reviews and documents by day"),
            new("Rules", "/rules", "list-filter", Permission.ReadRules, "What judges, what it brought, what waits"),
        ]),
        new("screening", "Screening",
        [
            new("Screen", "/screening", "search", Permission.Screen, "Ask the live lists about one name"),
            new("Hits", "/screening/hits", "triangle-alert", Permission.ReadHits, "Customers that lists may mean"),
            new("Lists", "/screening/lists", "scroll-text", Permission.ReadLists,
                "Versions, freshness and differences of sanctions lists"),
            new("Effectiveness", "/screening/effectiveness", "shield-check", Permission.ReadLists,
                "What the engine finds and what it alerts on in vain"),
        ]),
        new("access", "Access",
        [
            new("Approvals", "/approvals", "inbox", Permission.UseOwnAccount, "What waits for a second person"),
            new("Access monitor", "/access-monitor", "eye", Permission.ReadReadings, "Who looked at what, and when"),
            new("Access findings", "/access-findings", "triangle-alert", Permission.ReadReadings, "Unusual reading"),
            new("Break glass", "/break-glass", "lock", Permission.UseBreakGlass, "Rights for an emergency"),
            new("Users", "/users", "users", Permission.ReadUsers, "People, how they sign in, and their roles"),
            new("Roles", "/roles", "grid-3x3", Permission.ReadRoles, "Which role may do what"),
            new("Custody", "/custody", "shield-check", Permission.ReadCustody,
                "Keys, retention, holds, erasures and backups"),
            new("API keys", "/api-keys", "key-round", Permission.ManageKeys, "Programs that record or read events"),
        ]),
    ];

    public static IEnumerable<NavigationGroup> For(Caller? caller) => s_groups
        .Select(group => group with { Items = [.. group.Items.Where(item => MayOpen(item, caller))] })
        .Where(group => group.Items.Count > 0);

    /// <summary>The address of the nearest item that a page belongs to; null for none.</summary>
    public static string? CurrentOf(string path) => s_groups
        .SelectMany(group => group.Items).Select(item => item.Href)
        .Where(href => path == href || (href != "/" && path.StartsWith(href + "/", StringComparison.Ordinal)))
        .MaxBy(href => href.Length);

    private static bool MayOpen(NavigationItem item, Caller? caller) =>
        item.Permission is null || caller?.Has(item.Permission) is true;
}

internal sealed record NavigationGroup(string Key, string Title, IReadOnlyList<NavigationItem> Items);

/// <param name="Title">What it is called.</param>
/// <param name="Href">Where it leads.</param>
/// <param name="Icon">Its icon.</param>
/// <param name="Permission">What it needs; null when anyone may open it.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
internal sealed record NavigationItem(string Title, string Href, string Icon, string? Permission, string Purpose);
