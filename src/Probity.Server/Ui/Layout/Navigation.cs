using Probity.Server.Access;

namespace Probity.Server.Ui.Layout;

/// <summary>The navigation, grouped by task; a caller sees what he may open.</summary>
internal static class Navigation
{
    private static readonly NavigationGroup[] s_groups =
    [
        new("evidence", "Evidence",
        [
            new("Audit explorer", "/events", "scroll-text", Permission.ReadEntries),
            new("Ledger", "/ledger", "book-open-check", null),
            new("Verify a pack", "/verify", "file-check", null),
        ]),
        new("access", "Access",
        [
            new("API keys", "/api-keys", "key-round", Permission.ManageKeys),
        ]),
    ];

    public static IEnumerable<NavigationGroup> For(Caller? caller) => s_groups
        .Select(group => group with { Items = [.. group.Items.Where(item => MayOpen(item, caller))] })
        .Where(group => group.Items.Count > 0);

    private static bool MayOpen(NavigationItem item, Caller? caller) =>
        item.Permission is null || caller?.Has(item.Permission) is true;
}

internal sealed record NavigationGroup(string Key, string Title, IReadOnlyList<NavigationItem> Items);

/// <param name="Title">What it is called.</param>
/// <param name="Href">Where it leads.</param>
/// <param name="Icon">Its icon.</param>
/// <param name="Permission">What it needs; null when anyone may open it.</param>
internal sealed record NavigationItem(string Title, string Href, string Icon, string? Permission);
