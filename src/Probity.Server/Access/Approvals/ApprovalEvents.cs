namespace Probity.Server.Access.Approvals;

/// <summary>The types of the entries of approvals.</summary>
internal static class ApprovalEvents
{
    public const string Requested = "probity.access.approval.requested";

    /// <summary>One person agreed; when it was the last one needed, the execution's entry is in the same commit.</summary>
    public const string Approved = "probity.access.approval.approved";

    public const string Rejected = "probity.access.approval.rejected";
    public const string Withdrawn = "probity.access.approval.withdrawn";
    public const string Expired = "probity.access.approval.expired";

    /// <summary>It was done, with everyone and every reason.</summary>
    public const string Executed = "probity.access.approval.executed";

    /// <summary>It was agreed to and could not be done any more.</summary>
    public const string Failed = "probity.access.approval.failed";

    public const string PolicySet = "probity.access.approval.policy_set";
}
