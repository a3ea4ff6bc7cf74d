using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Ledger.Notes;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Recovery;

/// <summary>
/// States in the ledger with which key a person consents to a loss, while there is a server to ask. Everyone brings the
/// own key only, and a second person agrees. No table keeps them: what counts is what the entries before a loss say.
/// Decision record 0067.
/// </summary>
internal sealed class RecoveryKeyDesk(IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<ApprovalDesk> approvals)
{
    /// <summary>Asks for a key to be set or taken back; returns the id of the approval that waits.</summary>
    public async Task<string> AskAsync(
        SetRecoveryKey request, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var reason = ApprovalDesk.CheckReason(request.Reason);
        var checkedRequest = Check(request, caller);
        await using var work = new UnitOfWork(database, ledger.Value);
        var action = new GatedAction(
            ApprovalActions.SetRecoveryKey, new EntryTarget("recovery_key", checkedRequest.Person!), // Check sets it.
            ApprovalDesk.Canonical(JsonSerializer.Serialize(checkedRequest)), reason);
        var row = await approvals.Value.RequestAsync(work, action, caller, entry, cancellationToken);
        await work.CommitAsync(cancellationToken);
        return row.Id;
    }

    /// <summary>Adds the entry that verifiers read to a unit of work.</summary>
    public static void Apply(
        UnitOfWork work, SetRecoveryKey request, IReadOnlyList<Erasure.Approver> approvers, AccessEntry entry) =>
        work.Record(entry.Draft(
            CustodyEvents.RecoveryKeySet, "custody.recovery_key.set", "sys_crypto",
            new EntryTarget("recovery_key", request.Person!), ("person", request.Person), ("key", request.Key),
            ("approvers", Approvers.InClear(approvers))));

    private static SetRecoveryKey Check(SetRecoveryKey request, Caller caller)
    {
        if (request.Key is null)
        {
            return request.Person is { Length: > 0 and <= 200 }
                ? request
                : throw UserRefusal.Field("/person", "Name the person whose key is taken back.");
        }

        if (caller.PersonId is not { } person || (request.Person ?? person) != person)
        {
            throw UserRefusal.Field("/person", "Everyone brings the own key: sign in as the person who will use it.");
        }

        try
        {
            var key = VerifierKey.Parse(request.Key);
            return key.SignatureType == VerifierKey.Ed25519Note && key.Name == person
                ? request with { Person = person, Key = key.ToString() }
                : throw UserRefusal.Field("/key", $"The key is of Ed25519 for notes, and its name is {person}.");
        }
        catch (NoteFormatException fault)
        {
            throw UserRefusal.Field("/key", fault.Message);
        }
    }
}

/// <summary>What <c>PUT /api/v1/recovery-keys</c> takes.</summary>
internal sealed record SetRecoveryKey
{
    /// <summary>The id of the person; the caller when left out.</summary>
    public string? Person { get; init; }

    /// <summary>The verifier key of C2SP signed-note, as the verb prints it; null takes the person's back.</summary>
    public string? Key { get; init; }

    public required string Reason { get; init; }
}

/// <summary>Sets a key of recovery, as was agreed to.</summary>
internal sealed class SetRecoveryKeyAction : IApprovedAction
{
    public string Action => ApprovalActions.SetRecoveryKey;

    public string MakerPermission => Permission.ManageRetention;

    public async Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var change = JsonSerializer.Deserialize<SetRecoveryKey>(request.Payload)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        RecoveryKeyDesk.Apply(
            work, change, await Approvers.OfAsync(work.Db, request.ApprovalId, cancellationToken), entry);
    }

    public void Executed()
    {
        // Nothing is kept beside the ledger.
    }
}
