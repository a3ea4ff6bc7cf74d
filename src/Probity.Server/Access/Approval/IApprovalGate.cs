using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approval;

/// <summary>
/// Whether an action that one person should not decide alone may happen now. The approvals engine stands behind it; a
/// module that changes something of weight asks here before it changes anything.
/// </summary>
internal interface IApprovalGate
{
    /// <summary>Asks for an action; when it must wait, the request for approval is durable when the task completes.</summary>
    Task<GateAnswer> AskAsync(GatedAction action, Caller caller, CancellationToken cancellationToken);

    /// <summary>Whether nobody but the caller could decide: what is done then says in its entry that it was done alone.</summary>
    Task<bool> IsAloneAsync(Caller caller, CancellationToken cancellationToken) => Task.FromResult(false);
}

/// <summary>An action that may need a second person.</summary>
/// <param name="Action">What, in the words of the entry: <c>access.grant.give</c>.</param>
/// <param name="Target">What it is done to.</param>
/// <param name="PayloadJson">Everything that is needed to do it later: the request, as JSON.</param>
/// <param name="Reason">Why; null when none was given.</param>
internal sealed record GatedAction(string Action, EntryTarget Target, string PayloadJson, string? Reason);

/// <summary>What the gate says.</summary>
internal abstract record GateAnswer
{
    private GateAnswer()
    {
    }

    /// <summary>Do it now.</summary>
    internal sealed record Open : GateAnswer;

    /// <summary>It was written down and waits for another person.</summary>
    internal sealed record Waiting(string ApprovalId) : GateAnswer;
}

/// <summary>The actions of Access that go through the gate.</summary>
internal static class GatedActions
{
    public const string GiveGrant = "access.grant.give";
    public const string EditRole = "access.role.edit";
    public const string CreateRole = "access.role.create";
}
