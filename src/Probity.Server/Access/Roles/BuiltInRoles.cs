namespace Probity.Server.Access.Roles;

/// <summary>
/// The roles an installation starts with. They are a proposal: an institution edits them, and a later start leaves what it
/// finds. No role has both halves of a pair that must stay apart (managing grants and deciding approvals is one person's
/// job only until there are two).
/// </summary>
internal static class BuiltInRoles
{
    public const string Administrator = "administrator";
    public const string ComplianceOfficer = "compliance_officer";
    public const string Analyst = "analyst";
    public const string Approver = "approver";
    public const string Examiner = "examiner";
    public const string DisclosureHandler = "disclosure_handler";
    public const string Service = "service";
    public const string Operator = "operator";

    /// <summary>The longest an examiner's role is given for.</summary>
    public static readonly TimeSpan ExaminerLimit = TimeSpan.FromDays(90);

    public static IReadOnlyList<BuiltInRole> All { get; } =
    [
        new(Administrator, "Users, roles, keys and schemas. Reads no compartment",
        [
            Permission.ReadUsers, Permission.ManageUsers, Permission.ReadRoles, Permission.ManageRoles, Permission.ManageGrants,
            Permission.ManageProvisioning,
            Permission.ManageSessions, Permission.ManageKeys, Permission.ManageSchemas, Permission.ReadApprovals,
            Permission.DecideApprovals, Permission.ManagePolicies, Permission.ManageRelations, Permission.UseBreakGlass,
            Permission.ReadReadings, Permission.ReadEntries, Permission.RunVerification,
            Permission.RunExports, Permission.ReadHealth, Permission.ReadConfiguration, Permission.ReadLists,
            Permission.ReadCustody, Permission.RotateKeys, Permission.ManageBackups,
        ]),
        new(ComplianceOfficer, "The money laundering reporting or BSA officer: everything of the business, with SARs",
        [
            Permission.ReadEntries, Permission.RunExports, Permission.RunVerification, Permission.ReadUsers, Permission.ReadRoles,
            Permission.ReadApprovals, Permission.DecideApprovals, Permission.ReadReadings, Permission.ReadSars,
            Permission.ManagePolicies, Permission.UseBreakGlass, Permission.ReadLists, Permission.ManageLists,
            Permission.ManageScreening,
            Permission.Screen, Permission.ReadCustody, Permission.ManageErasures, Permission.ManageRetention,
            Permission.ManageClasses, Permission.ManageHolds,
            Permission.ReadCustomers, Permission.ManageCustomers, Permission.ManageDiligence,
            Permission.ManageScorecards, Permission.ReadAlerts,
            Permission.ReadHits, Permission.DecideHits, Permission.ReadTransactions, Permission.ReadRules,
            Permission.ManageRules,
        ]),
        new(Analyst, "Works on alerts and cases",
        [
            Permission.ReadEntries, Permission.ReadApprovals, Permission.ReadLists, Permission.Screen,
            Permission.ReadCustomers, Permission.ManageDiligence, Permission.ReadAlerts, Permission.ReadHits,
            Permission.DecideHits, Permission.ReadTransactions, Permission.ReadRules,
        ]),
        new(Approver, "Decides what others ask for, and asks for nothing",
        [
            Permission.ReadApprovals, Permission.DecideApprovals, Permission.ReadUsers, Permission.ReadRoles,
        ]),
        new(Examiner, "An auditor or examiner: reads, for a limited time, and every view is recorded",
        [
            Permission.ReadEntries, Permission.RunVerification, Permission.RunExports, Permission.ReadUsers, Permission.ReadRoles,
            Permission.ReadApprovals, Permission.ReadReadings, Permission.ReadLists, Permission.ReadCustody,
            Permission.ReadCustomers, Permission.ReadAlerts, Permission.ReadHits,
            Permission.ReadTransactions, Permission.ReadRules,
        ]),
        new(DisclosureHandler, "Handles disclosures of reporters, and nothing else",
        [
            Permission.ReadDisclosures,
        ]),
        new(Service, "A system that records events, sends customers and transactions, and asks for screenings",
        [
            Permission.AppendEvents, Permission.Screen, Permission.ManageCustomers, Permission.SubmitTransactions,
        ]),
        new(Operator, "Keeps the server running: health and configuration, no business data",
        [
            Permission.ReadHealth, Permission.ReadConfiguration, Permission.RunVerification, Permission.ReadCustody,
            Permission.ManageBackups,
        ]),
    ];

    public static string IdOf(string name) => AccessIds.Role + name;
}

internal sealed record BuiltInRole(string Name, string Description, IReadOnlyList<string> Permissions);
