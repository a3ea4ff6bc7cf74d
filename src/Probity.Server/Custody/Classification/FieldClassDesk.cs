using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Users;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Events.Classes;
using Probity.Server.AuditTrail.Query;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Classification;

/// <summary>
/// Says how members of events are kept. Every change is agreed to by a second person and holds from the entry on that
/// states it; what was recorded before stays as it is.
/// </summary>
internal sealed class FieldClassDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<ApprovalDesk> approvals, LedgerRuntime runtime,
    ISearchIndex index, TimeProvider time)
{
    private const int MaxValue = 1_024;

    /// <summary>What is in force.</summary>
    public async Task<FieldClassList> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<FieldClassRow>().AsNoTracking().OrderBy(row => row.Version)
            .ToListAsync(cancellationToken);
        var stated = await db.Set<FieldClassRow>().OrderByDescending(row => row.Version)
            .Select(row => EF.Property<string>(row, AuditDeclarations.EntryId)).FirstOrDefaultAsync(cancellationToken);
        var since = stated is null ? null : await index.FindSeqAsync(stated, cancellationToken);
        return FieldClasses.List(ClassesInForce.Of(rows, runtime.Keys.Installation.BlindIndex), since);
    }

    /// <summary>Asks for a change; returns the id of the approval that waits.</summary>
    /// <exception cref="ProblemException">custody.wrong_state when it is kept so already.</exception>
    public async Task<string> AskAsync(
        SetFieldClass request, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var reason = ApprovalDesk.CheckReason(request.Reason);
        await using var work = new UnitOfWork(database, ledger.Value);
        await CheckAsync(work.Db, request, cancellationToken);
        var action = new GatedAction(
            ApprovalActions.ChangeFieldClass, new EntryTarget("field", request.Pointer),
            ApprovalDesk.Canonical(JsonSerializer.Serialize(request)), reason);
        var row = await approvals.Value.RequestAsync(work, action, caller, entry, cancellationToken);
        await work.CommitAsync(cancellationToken);
        return row.Id;
    }

    /// <summary>Adds the next version to a unit of work.</summary>
    public async Task ApplyAsync(
        UnitOfWork work, SetFieldClass request, string by, IReadOnlyList<Erasure.Approver> approvers, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await CheckAsync(work.Db, request, cancellationToken);
        var row = new FieldClassRow
        {
            Id = AccessIds.New("fcl_", time.GetUtcNow()),
            Version = 1 + (await work.Db.Set<FieldClassRow>().MaxAsync(r => (int?)r.Version, cancellationToken) ?? 0),
            Pointer = request.Pointer,
            Class = request.Class,
            SetBy = by,
            SetAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(
            entry.Draft(
                CustodyEvents.FieldClassSet, "custody.field_class.set", "sys_monitor_disabled",
                new EntryTarget("field", row.Pointer), ("class", row.Class), ("version", row.Version),
                ("approvers", Approvers.InClear(approvers))),
            row);
    }

    /// <summary>Seals under what is in force now, once its commit is durable.</summary>
    public void Applied() => runtime.Classes.Refresh();

    /// <summary>
    /// The stored form of a value of a hashed field, to search for. Recorded without the value, since whoever may ask
    /// for hashes can try values out.
    /// </summary>
    public async Task<FieldHashView> HashAsync(
        HashFieldValue request, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (request.Value is not { Length: > 0 and <= MaxValue })
        {
            throw UserRefusal.Field("/value", $"Give 1 to {MaxValue} characters.");
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var rows = await work.Db.Set<FieldClassRow>().AsNoTracking().OrderBy(row => row.Version)
            .ToListAsync(cancellationToken);
        var key = runtime.Keys.Installation.BlindIndex;
        // Also of a field that is not hashed any more: entries of that time are still there.
        if (!rows.Exists(row => row.Pointer == request.Pointer && row.Class == ClassRule.NameOf(MemberClass.Hashed)))
        {
            throw UserRefusal.Field("/pointer", "This member was never hashed. Give the pointer as the rule has it.");
        }

        var hash = new FieldHash(request.Pointer, key).OfText(request.Value);
        work.Record(entry.Draft(
            CustodyEvents.FieldHashed, "custody.field_class.hash", "sensitive_read",
            new EntryTarget("field", request.Pointer), ("hash", hash)));
        await work.CommitAsync(cancellationToken);
        return new FieldHashView(request.Pointer, hash, "text:" + hash[FieldHash.Prefix.Length..]);
    }

    private static async Task CheckAsync(ProbityDb db, SetFieldClass request, CancellationToken cancellationToken)
    {
        var wanted = ClassRule.Read(request.Class);
        if (wanted is null && request.Class != ClassRule.Default)
        {
            throw UserRefusal.Field("/class", "Give plain, encrypted, hashed, masked or default.");
        }

        if (ClassableMembers.Fault(request.Pointer, wanted) is { } fault)
        {
            throw UserRefusal.Field("/pointer", fault);
        }

        var rows = await db.Set<FieldClassRow>().AsNoTracking().OrderBy(row => row.Version)
            .ToListAsync(cancellationToken);
        var rules = ClassesInForce.Of(rows, new byte[32]).Rules;
        if (rules.FirstOrDefault(rule => rule.Pointer == request.Pointer)?.Class == wanted)
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, "It is kept in this way already.");
        }

        if (wanted is not null && rules.Count >= ClassableMembers.MostRules)
        {
            throw new ProblemException(
                ErrorCodes.CustodyWrongState, $"There are {ClassableMembers.MostRules} rules; take one back first.");
        }
    }
}

/// <summary>What <c>PUT /api/v1/field-classes</c> takes.</summary>
internal sealed record SetFieldClass
{
    /// <summary>A JSON Pointer into the event; <c>*</c> for any item of a list or any member.</summary>
    public required string Pointer { get; init; }

    /// <summary>plain, encrypted, hashed or masked; default takes the rule back.</summary>
    public required string Class { get; init; }

    public required string Reason { get; init; }
}

/// <summary>What <c>POST /api/v1/field-classes:hash</c> takes.</summary>
internal sealed record HashFieldValue
{
    /// <summary>The pointer of the rule.</summary>
    public required string Pointer { get; init; }

    /// <summary>The text to look for.</summary>
    public required string Value { get; init; }
}

/// <summary>The stored form of a value of a hashed field.</summary>
/// <param name="Pointer">The pointer of the rule.</param>
/// <param name="Hash">What stands in events.</param>
/// <param name="Filter">A filter that finds events with it.</param>
internal sealed record FieldHashView(string Pointer, string Hash, string Filter);

/// <summary>Keeps a member in another way, as was agreed to.</summary>
internal sealed class ChangeFieldClassAction(FieldClassDesk desk) : IApprovedAction
{
    public string Action => ApprovalActions.ChangeFieldClass;

    public string MakerPermission => Permission.ManageClasses;

    public async Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var change = JsonSerializer.Deserialize<SetFieldClass>(request.Payload)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        var approvers = await Approvers.OfAsync(work.Db, request.ApprovalId, cancellationToken);
        await desk.ApplyAsync(work, change, request.MakerId, approvers, entry, cancellationToken);
    }

    public void Executed() => desk.Applied();
}
