namespace Probity.Server.Access;

/// <summary>Every permission there is. Roles and scopes of API keys are sets of these names.</summary>
internal static class Permission
{
    public const string AppendEvents = "ledger.event.append";
    public const string ReadEntries = "ledger.entry.read";
    public const string RunVerification = "ledger.verify.run";
    public const string RunExports = "ledger.export.run";
    public const string ManageSchemas = "ledger.schema.manage";
    public const string ManageKeys = "access.key.manage";
    public const string UseOwnAccount = "access.self.use";
    public const string ReadUsers = "access.user.read";
    public const string ManageUsers = "access.user.manage";
    public const string ManageProvisioning = "access.provisioning.manage";
    public const string ReadRoles = "access.role.read";
    public const string ManageRoles = "access.role.manage";
    public const string ManageGrants = "access.grant.manage";
    public const string ManageSessions = "access.session.manage";
    public const string ReadApprovals = "access.approval.read";
    public const string DecideApprovals = "access.approval.decide";
    public const string ManagePolicies = "access.policy.manage";
    public const string UseBreakGlass = "access.break_glass.use";
    public const string ManageRelations = "access.relation.manage";
    public const string ReadReadings = "access.reading.read";
    public const string ReadLists = "screening.list.read";
    public const string ManageLists = "screening.list.manage";
    public const string Screen = "screening.match.run";
    public const string ManageScreening = "screening.configuration.manage";
    public const string SubmitTransactions = "monitoring.transaction.submit";
    public const string ReadTransactions = "monitoring.transaction.read";
    public const string ReadRules = "monitoring.rule.read";
    public const string ManageRules = "monitoring.rule.manage";
    public const string ReadHits = "screening.hit.read";
    public const string DecideHits = "screening.hit.decide";
    public const string ReadCustomers = "customers.record.read";
    public const string ManageCustomers = "customers.record.manage";
    public const string ManageDiligence = "customers.diligence.manage";
    public const string ManageScorecards = "customers.scorecard.manage";
    public const string ReadAlerts = "cases.alert.read";
    public const string ReadHealth = "hosting.health.read";
    public const string ReadConfiguration = "hosting.configuration.read";
    public const string ReadCustody = "custody.state.read";
    public const string RotateKeys = "custody.key.rotate";
    public const string ManageErasures = "custody.erasure.manage";
    public const string ManageRetention = "custody.retention.manage";
    public const string ManageClasses = "custody.classification.manage";
    public const string ManageHolds = "custody.hold.manage";
    public const string ManageBackups = "custody.backup.manage";
    public const string ReadSars = "filing.sar.read";
    public const string ReadDisclosures = "whistleblowing.disclosure.read";

    public static IReadOnlyList<PermissionMeaning> All { get; } =
    [
        new(AppendEvents, "Record events, one, in batches or streamed"),
        new(ReadEntries, "Read events in clear, search them, follow them live; read entry bundles"),
        new(RunVerification, "Start a verification of the stored ledger"),
        new(RunExports, "Export events and evidence packs"),
        new(ManageSchemas, "Set and remove the JSON Schemas of actions"),
        new(ManageKeys, "Create, list and revoke API keys"),
        new(UseOwnAccount, "Change one's own password, factors and sessions; every person has it"),
        new(ReadUsers, "See users and what they hold"),
        new(ManageUsers, "Create, disable, enable and reset users"),
        new(ManageProvisioning, "Keep users and groups from a directory over SCIM: for the key of a SCIM client"),
        new(ReadRoles, "See roles and their permissions"),
        new(ManageRoles, "Create and edit roles"),
        new(ManageGrants, "Give roles to users and take them back, never one's own"),
        new(ManageSessions, "See the sessions of everyone and end them"),
        new(ReadApprovals, "See requests for approval and their history"),
        new(DecideApprovals, "Approve or decline what someone else asked for"),
        new(ManagePolicies, "Ask for changes of how actions are approved and reads are watched"),
        new(UseBreakGlass, "Open a named set of permissions in an emergency, to be reviewed by someone else"),
        new(ManageRelations, "Say who is a relative of a user and which accounts are the user's own"),
        new(ReadReadings, "See who read what, and review it"),
        new(ReadLists, "See the sanctions lists, their versions and what changed"),
        new(ManageLists, "Load sanctions lists and make versions live"),
        new(Screen, "Screen names and identifiers against the live lists"),
        new(ManageScreening,
            "Draft and try configurations of screening, and ask for their release; sign effectiveness tests"),
        new(SubmitTransactions, "Send transactions to be judged, and say that one was taken back"),
        new(ReadTransactions, "See transactions with their decisions, and compute these again"),
        new(ReadRules, "See the monitoring rules, and have a rule checked"),
        new(ManageRules, "Draft monitoring rules, try them, and ask for them to go live, which is approved first"),
        new(ReadHits, "See hits of customers on lists, and exemptions"),
        new(DecideHits, "Decide hits and ask for exemptions"),
        new(ReadCustomers, "Read and search customers"),
        new(ManageCustomers, "Register, import and change customers"),
        new(ManageDiligence, "Record checks, reviews and relationships of customers, and ask for overrides of ratings"),
        new(ManageScorecards, "Draft scorecards, try them, and ask for their coming into force, approved first"),
        new(ReadAlerts, "See alerts"),
        new(ReadHealth, "See which readiness check fails, and why"),
        new(ReadConfiguration, "See the settings in force, without secrets"),
        new(ReadCustody, "See the state of keys, classification, retention, holds, erasures and backups"),
        new(RotateKeys, "Rotate the keys of the installation"),
        new(ManageErasures, "Ask for the erasure of a person's data, which is approved first"),
        new(ManageRetention, "Set how long events are kept, and ask for a purge, which is approved first"),
        new(ManageClasses, "Change how members of events are kept, which is approved first"),
        new(ManageHolds, "Place and release legal holds"),
        new(ManageBackups, "Make backups"),
        new(ReadSars, "Know that suspicious activity reports exist, and read them: a compartment"),
        new(ReadDisclosures, "Read disclosures of reporters: a compartment"),
    ];

    /// <summary>The names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => p.Name).Order(StringComparer.Ordinal)];

    /// <summary>
    /// Compartments: what nobody holds by being powerful elsewhere. Only a role that was granted opens them, so neither
    /// the first API key nor the administrator's role has them.
    /// </summary>
    public static IReadOnlyList<string> Compartments { get; } = [ReadSars, ReadDisclosures];

    public static bool IsKnown(string name) => All.Any(p => string.Equals(p.Name, name, StringComparison.Ordinal));
}

internal sealed record PermissionMeaning(string Name, string Meaning);
