using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Retention;

/// <summary>Sets policies and places holds. Keeping longer is done at once; keeping less is approved by a second
/// person.</summary>
internal sealed class RetentionDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<ApprovalDesk> approvals, RetentionPolicies policies,
        TimeProvider time)
{
    private const int MaxText = 1_024;

    /// <summary>Sets a policy, or asks for it when it keeps less. Exactly one of the two results is set.</summary>
    public async Task<(RetentionPolicy? Done, string? ApprovalId)> SetAsync(
        string eventType, SetRetention request, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var wanted = Check(eventType, request);
        var reason = ApprovalDesk.CheckReason(request.Reason);
        await using var work = new UnitOfWork(database, ledger.Value);
        var present = RetentionPolicies.For(await policies.CurrentAsync(work.Db, cancellationToken), eventType);
        if (wanted.IsShorterThan(present, time.GetUtcNow()))
        {
            var payload = ApprovalDesk.Canonical(JsonSerializer.Serialize(new RetentionChange(eventType, request)));
            var row = await approvals.Value.RequestAsync(
                work, new GatedAction(ApprovalActions.ChangeRetention,
                    new EntryTarget("retention_policy", eventType), payload, reason),
                caller, entry, cancellationToken);
            await work.CommitAsync(cancellationToken);
            return (null, row.Id);
        }

        await ApplyAsync(work, eventType, request, caller.PersonId ?? caller.Id, [], entry, cancellationToken);
        await work.CommitAsync(cancellationToken);
        return (RetentionPolicies.For(await policies.CurrentAsync(cancellationToken), eventType), null);
    }

    /// <summary>Adds a new version of a policy to a unit of work.</summary>
    public async Task ApplyAsync(
        UnitOfWork work, string eventType, SetRetention request, string by, IReadOnlyList<Erasure.Approver> approvers,
        AccessEntry entry, CancellationToken cancellationToken)
    {
        Check(eventType, request);
        var version = 1 + (await work.Db.Set<RetentionPolicyRow>().Where(p => p.EventType == eventType)
            .MaxAsync(p => (int?)p.Version, cancellationToken) ?? 0);
        var row = new RetentionPolicyRow
        {
            Id = AccessIds.New("rtp_", time.GetUtcNow()),
            EventType = eventType,
            Version = version,
            Period = request.Period,
            CountedFrom = request.CountedFrom,
            Basis = request.Basis,
            SetBy = by,
            SetAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(
            entry.Draft(
                CustodyEvents.RetentionSet, "custody.retention.set", "sys_monitor_disabled",
                    new EntryTarget("event_type", eventType),
                ("period", row.Period), ("counted_from", row.CountedFrom), ("version", version),
                ("approvers", Approvers.InClear(approvers))),
            row);
    }

    public async Task<LegalHoldRow> PlaceAsync(PlaceHold request, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var isKnown = request.Scope
            is LegalHoldRow.OfSubject or LegalHoldRow.OfAction or LegalHoldRow.OfCase or LegalHoldRow.All;
        if (!isKnown)
        {
            throw UserRefusal.Field("/scope", "Give subject, action, case or all.");
        }

        var row = new LegalHoldRow
        {
            Id = AccessIds.New("hld_", time.GetUtcNow()),
            Matter = Text(request.Matter, "/matter"),
            Scope = request.Scope,
            SubjectType = request.Scope == LegalHoldRow.OfSubject
                ? AuditTrail.Events.PersonTypes.Known(Text(request.SubjectType, "/subject_type"))
                : null,
            Value = request.Scope == LegalHoldRow.All ? "" : Text(request.Value, "/value"),
            Reason = ApprovalDesk.CheckReason(request.Reason),
            PlacedBy = caller.PersonId ?? caller.Id,
            PlacedAt = time.GetUtcNow(),
        };
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Add(row);
        work.Record(
            entry.Draft(
                CustodyEvents.HoldPlaced, "custody.hold.place", "data_retained", null, ("hold", row.Id),
                    ("scope", row.Scope)), row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <exception cref="ProblemException">custody.not_found, custody.wrong_state.</exception>
    public async Task<LegalHoldRow> ReleaseAsync(
        string id, string reason, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        ApprovalDesk.CheckReason(reason);
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<LegalHoldRow>().SingleOrDefaultAsync(h => h.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CustodyNotFound);
        if (row.ReleasedAt is not null)
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, "It was released before.");
        }

        (row.ReleasedAt, row.ReleasedBy) = (time.GetUtcNow(), caller.PersonId ?? caller.Id);
        var told = entry with { Reason = new EntryReason { Text = reason } };
        work.Record(
            told.Draft(CustodyEvents.HoldReleased, "custody.hold.release", "data_released", null, ("hold", row.Id),
                ("scope", row.Scope)), row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>All holds, the newest first, at most 500.</summary>
    public async Task<IReadOnlyList<LegalHoldRow>> HoldsAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<LegalHoldRow>().AsNoTracking().OrderByDescending(h => h.PlacedAt).Take(500)
            .ToListAsync(cancellationToken);
    }

    private static RetentionPolicy Check(string eventType, SetRetention request)
    {
        Text(eventType, "/event_type");
        var period = RetentionPeriod.Read(request.Period);
        return period.Value is null
            ? throw UserRefusal.Field("/period", period.Fault ?? "Give days, or calendar years such as 7y.")
            : new RetentionPolicy(eventType, 0, period.Value, request.CountedFrom, Text(request.Basis, "/basis"));
    }

    private static string Text(string? text, string pointer) => text?.Trim() is { Length: > 0 and <= MaxText } good
        ? good
        : throw UserRefusal.Field(pointer, "Give 1 to 1,024 characters.");
}

/// <summary>What is asked for when records are to be kept for less long.</summary>
internal sealed record RetentionChange(string EventType, SetRetention Policy);

/// <summary>What <c>PUT /api/v1/retention/policies/{type}</c> takes.</summary>
internal sealed record SetRetention
{
    /// <summary>Days, or calendar years such as <c>7y</c>.</summary>
    public required string Period { get; init; }

    /// <summary>The action from which time is counted for the same person; null for the recording.</summary>
    public string? CountedFrom { get; init; }

    /// <summary>The legal ground.</summary>
    public required string Basis { get; init; }

    public required string Reason { get; init; }
}

/// <summary>What <c>POST /api/v1/legal-holds</c> takes.</summary>
internal sealed record PlaceHold
{
    public required string Matter { get; init; }

    /// <summary>subject, action, case or all.</summary>
    public required string Scope { get; init; }

    public string? SubjectType { get; init; }

    public string? Value { get; init; }

    public required string Reason { get; init; }
}

/// <summary>Keeps records for less long, as was agreed to.</summary>
internal sealed class ChangeRetentionAction(RetentionDesk desk) : IApprovedAction
{
    public string Action => ApprovalActions.ChangeRetention;

    public string MakerPermission => Permission.ManageRetention;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var change = JsonSerializer.Deserialize<RetentionChange>(request.Payload)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        var approvers = await Approvers.OfAsync(work.Db, request.ApprovalId, cancellationToken);
        await desk.ApplyAsync(work, change.EventType, change.Policy, request.MakerId, approvers, entry,
            cancellationToken);
    }
}
