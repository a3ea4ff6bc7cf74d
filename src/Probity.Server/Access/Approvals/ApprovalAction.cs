using Probity.Server.Access.Approval;

namespace Probity.Server.Access.Approvals;

/// <summary>An action that one person does not decide alone, with the policy it starts with.</summary>
/// <param name="Name">What the entries call it.</param>
/// <param name="Meaning">What it is, in words.</param>
/// <param name="ExpiryHours">How long a request can be decided.</param>
internal sealed record ApprovalAction(string Name, string Meaning, int ExpiryHours = ApprovalActions.DefaultHours)
{
    public int Checkers { get; init; } = 1;

    public string Permission { get; init; } = Access.Permission.DecideApprovals;

    /// <summary>A review looks at what has happened: it does not expire, it becomes overdue.</summary>
    public bool IsReview { get; init; }

    public ApprovalPolicy DefaultPolicy => new(Name, Checkers, Permission, ExpiryHours);
}

/// <summary>How an action is approved.</summary>
internal sealed record ApprovalPolicy(string Action, int Checkers, string Permission, int ExpiryHours);

/// <summary>The actions that are known. A module that brings one registers an <see cref="ApprovalAction"/>, too.</summary>
internal static class ApprovalActions
{
    public const int DefaultHours = 72;
    public const int ReviewHours = 7 * 24;
    public const string SetPolicy = "access.approval_policy.set";
    public const string SetReadingPolicy = "access.reading_policy.set";
    public const string ChangeRetention = "custody.retention.change";
    public const string ChangeFieldClass = "custody.field_class.change";
    public const string SetRecoveryKey = "custody.recovery_key.set";
    public const string RunErasure = "custody.erasure.run";
    public const string RunPurge = "custody.purge.run";
    public const string ReviewBreakGlass = "access.break_glass.review";

    public static IReadOnlyList<ApprovalAction> Known { get; } =
    [
        new(GatedActions.GiveGrant, "Give a role to a user"),
        new(GatedActions.EditRole, "Change the permissions of a role"),
        new(GatedActions.CreateRole, "Create a role"),
        new(SetPolicy, "Change how an action is approved"),
        new(SetReadingPolicy, "Change the working hours and the reads that need a reason"),
        new(ReviewBreakGlass, "Review what was done after breaking the glass", ReviewHours) { IsReview = true },
        new("custody.key.use", "Use a key of the installation"),
        new(ChangeRetention, "Keep records for less long"),
        new(ChangeFieldClass, "Keep a member of events in another way"),
        new(SetRecoveryKey, "Set or take back the key with which a person consents to a loss"),
        new(RunErasure, "Erase the data of a person"),
        new(RunPurge, "Purge the records whose time is over"),
        new("monitoring.rule.activate", "Activate a monitoring rule"),
        new("screening.list.activate", "Make a version of a sanctions list the live one"),
        new("screening.exemption.add", "Exempt someone from a list"),
        new("screening.configuration.activate", "Put another threshold or policy of screening in force"),
        new("customers.scorecard.activate", "Put another scorecard of customers in force"),
        new("customers.rating.override", "Set the rating of a customer by hand until a day"),
        new("customers.check.agree", "Waive a check of a customer, or approve the relationship"),
        new("cases.alerts.close", "Close many alerts at once"),
        new("filing.report.file", "File a report with an authority"),
    ];
}
