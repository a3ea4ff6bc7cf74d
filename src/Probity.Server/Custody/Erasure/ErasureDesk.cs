using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Events;
using Probity.Server.Hosting.Problems;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Erasure;

/// <summary>Takes requests for erasure and carries them out: two persons, and never against retention or a
/// hold.</summary>
internal sealed class ErasureDesk(
    IDatabase database, LedgerRuntime runtime, Lazy<ILedgerWriter> ledger, Lazy<ApprovalDesk> approvals,
        ErasureGrounds grounds,
    TimeProvider time)
{
    private const int MaxName = 1_024;

    /// <summary>Asks for an erasure; request and approval are durable together when the task completes.</summary>
    /// <exception cref="ProblemException">custody.encryption_off, custody.subject_unknown,
    /// request.bad_field.</exception>
    public async Task<ErasureRow> AskAsync(AskErasure request, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        if (runtime.SealingCipher is null)
        {
            throw new ProblemException(ErrorCodes.CustodyEncryptionOff);
        }

        var reason = ApprovalDesk.CheckReason(request.Reason);
        var type = PersonTypes.Known(Checked(request.SubjectType, "/subject_type"));
        var id = Checked(request.SubjectId, "/subject_id");
        var subject = runtime.Keys.DigestOf(SubjectNames.Of(type, id));
        await using var work = new UnitOfWork(database, ledger.Value);
        if (await work.Db.Set<ErasureRow>().AsNoTracking().FirstOrDefaultAsync(
            e => e.Subject == subject
                && (e.State == ErasureRow.Asked || e.State == ErasureRow.Queued || e.State == ErasureRow.Destroyed),
            cancellationToken) is { } open)
        {
            return open;
        }

        if (!await work.Db.Set<DataKeyRow>()
            .AnyAsync(k => k.Subject == subject && k.State != DataKeyRow.Destroyed, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.CustodySubjectUnknown);
        }

        var row = NewRow(subject, type, id, reason, caller);
        Note(row, await grounds.FindAsync(type, id, cancellationToken));
        var payload = ApprovalDesk.Canonical(
            JsonSerializer.Serialize(new { erasure_id = row.Id, subject_type = type, subject_id = id }));
        var approval = await approvals.Value.RequestAsync(
            work, new GatedAction(ApprovalActions.RunErasure, new EntryTarget("erasure", row.Id), payload, reason),
                caller, entry,
            cancellationToken);
        row.ApprovalId = approval.Id;
        work.Add(row);
        work.Record(
            entry.Draft(
                CustodyEvents.ErasureAsked, "custody.erasure.ask", "privacy_erasure_requested", null,
                    ("subject", subject),
                ("erasure", row.Id), ("due_at", row.DueAt), ("comes_first", row.Ground is not null)),
            row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>Destroys the keys, or queues the erasure while something comes first; adds it to the unit of
    /// work.</summary>
    /// <exception cref="ProblemException">custody.wrong_state.</exception>
    public async Task RunAsync(
        UnitOfWork work, ErasureRow row, IReadOnlyList<Approver> approvers, AccessEntry entry,
            CancellationToken cancellationToken)
    {
        if (row.State is not (ErasureRow.Asked or ErasureRow.Queued) || row.SubjectId is null)
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, $"It is {row.State}.");
        }

        row.Approvers = Approver.ToJson(approvers);
        var ground = await grounds.FindAsync(row.SubjectType, row.SubjectId, cancellationToken);
        Note(row, ground);
        if (ground is not null)
        {
            row.State = ErasureRow.Queued;
            work.Record(
                entry.Draft(
                    CustodyEvents.ErasureQueued, "custody.erasure.queue", "privacy_erasure_refused", null,
                        ("subject", row.Subject),
                    ("erasure", row.Id), ("due_at", row.DueAt), ("approvers", Approvers.InClear(approvers))),
                row);
            return;
        }

        await DestroyAsync(work, row, approvers, entry, cancellationToken);
    }

    /// <summary>The letter or certificate of an erasure.</summary>
    /// <exception cref="ProblemException">custody.not_found, custody.wrong_state.</exception>
    public async Task<string> DocumentAsync(string id, bool isCertificate, CancellationToken cancellationToken)
    {
        var row = await FindAsync(id, cancellationToken);
        return (isCertificate ? row.Certificate : row.Letter) ?? throw new ProblemException(
            ErrorCodes.CustodyWrongState,
            isCertificate ? $"It is {row.State}; the certificate is made when it is complete."
                : "Nothing came first, so there is no letter.");
    }

    public async Task<ErasureRow> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<ErasureRow>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CustodyNotFound);
    }

    /// <summary>The newest erasures, at most 200.</summary>
    public async Task<IReadOnlyList<ErasureRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<ErasureRow>().AsNoTracking().OrderByDescending(e => e.RequestedAt).Take(200)
            .ToListAsync(cancellationToken);
    }

    private async Task DestroyAsync(
        UnitOfWork work, ErasureRow row, IReadOnlyList<Approver> approvers, AccessEntry entry,
            CancellationToken cancellationToken)
    {
        var keys = await work.Db.Set<DataKeyRow>()
            .Where(k => k.Subject == row.Subject && k.State != DataKeyRow.Destroyed).ToListAsync(cancellationToken);
        foreach (var key in keys)
        {
            var tracked = work.Db.Entry(key);
            tracked.Property(k => k.Wrapped).CurrentValue = null;
            tracked.Property(k => k.State).CurrentValue = DataKeyRow.Destroyed;
        }

        var ids = keys.ConvertAll(key => key.Id);
        row.State = ErasureRow.Destroyed;
        row.DestroyedAt = time.GetUtcNow();
        row.Keys = JsonSerializer.Serialize(ids);
        var draft = entry.Draft(
            CustodyEvents.Erased, "custody.erasure.run", "privacy_erased", null, ("subject", row.Subject),
                ("erasure", row.Id),
            ("keys", ids), ("approvers", Approvers.InClear(approvers)));
        row.ExecutedEntry = draft.Id;
        work.Record(draft, row);
    }

    private void Note(ErasureRow row, ErasureGround? ground)
    {
        row.DueAt = ground?.DueAt;
        row.Ground = ground?.Ground;
        row.Letter = ground is null ? row.Letter : ErasureLetters.Refusal(row, ground, time.GetUtcNow());
    }

    private ErasureRow NewRow(string subject, string type, string id, string reason, Caller caller) => new()
    {
        Id = AccessIds.New("era_", time.GetUtcNow()),
        Subject = subject,
        SubjectType = type,
        SubjectId = id,
        State = ErasureRow.Asked,
        Reason = reason,
        RequestedBy = caller.PersonId ?? caller.Id,
        RequestedAt = time.GetUtcNow(),
    };

    private static string Checked(string? text, string pointer) => text?.Trim() is { Length: > 0 and <= MaxName } name
        ? name
        : throw Access.Users.UserRefusal.Field(pointer, "Give 1 to 1,024 characters.");
}

/// <summary>What <c>POST /api/v1/erasures</c> takes.</summary>
internal sealed record AskErasure
{
    /// <summary>The type of the person as events name them: <c>user</c>, <c>customer</c>…</summary>
    public required string SubjectType { get; init; }

    public required string SubjectId { get; init; }

    /// <summary>Why; names nobody.</summary>
    public required string Reason { get; init; }
}
