namespace Probity.Server.Access;

/// <summary>Every permission there is. A scope of an API key is one of these names.</summary>
internal static class Permission
{
    public const string AppendEvents = "ledger.event.append";
    public const string ReadEntries = "ledger.entry.read";
    public const string RunVerification = "ledger.verify.run";
    public const string RunExports = "ledger.export.run";
    public const string ManageSchemas = "ledger.schema.manage";
    public const string ManageKeys = "access.key.manage";
    public const string ReadHealth = "hosting.health.read";

    public static IReadOnlyList<PermissionMeaning> All { get; } =
    [
        new(AppendEvents, "Record events, one, in batches or streamed"),
        new(ReadEntries, "Read events in clear, search them, follow them live; read entry bundles"),
        new(RunVerification, "Start a verification of the stored ledger"),
        new(RunExports, "Export events and evidence packs"),
        new(ManageSchemas, "Set and remove the JSON Schemas of actions"),
        new(ManageKeys, "Create, list and revoke API keys"),
        new(ReadHealth, "See which readiness check fails, and why"),
    ];

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => p.Name).Order(StringComparer.Ordinal)];

    public static bool IsKnown(string name) => All.Any(p => string.Equals(p.Name, name, StringComparison.Ordinal));
}

internal sealed record PermissionMeaning(string Name, string Meaning);
