using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approvals;

/// <summary>How a module does what was agreed to. One for each action that can be executed.</summary>
internal interface IApprovedAction
{
    /// <summary>The action, one of the known ones.</summary>
    string Action { get; }

    /// <summary>What the maker must still hold when it is done; null for nothing.</summary>
    string? MakerPermission { get; }

    /// <summary>
    /// Judges the request anew and adds the change, with its entries, to the unit of work in which the last decision
    /// commits. Runs at the request too, in a unit of work that is thrown away: what could not be done is not asked for.
    /// </summary>
    /// <exception cref="Hosting.Problems.ProblemException">It cannot be done, or not any more; says why.</exception>
    Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken);

    /// <summary>Tells the rest of the process, after the commit.</summary>
    void Executed()
    {
    }
}

/// <summary>What an action is executed from.</summary>
/// <param name="ApprovalId">The approval.</param>
/// <param name="TargetId">What it is done to.</param>
/// <param name="Payload">Canonical JSON.</param>
/// <param name="MakerId">Who asked.</param>
internal sealed record ApprovedRequest(string ApprovalId, string TargetId, string Payload, string MakerId);
