using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Indexing;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Custody.Backup;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Erasure;

/// <summary>
/// What follows the destruction of a key: caches, the search index, the store's files, the register outside, the
/// certificate. Each step may be done again, so that a crash between two of them loses none.
/// </summary>
internal sealed class ErasureFinish(
    IDatabase database, LedgerRuntime runtime, Lazy<ILedgerWriter> ledger, SearchScrub scrub, ErasureRegister register,
    EventFinder finder, LedgerReader reader, ErasureDesk desk, IEnumerable<IErasureStep> steps, TimeProvider time)
{
    private static readonly string[] s_open = [ErasureRow.Asked, ErasureRow.Queued, ErasureRow.Destroyed];

    /// <summary>Moves every open erasure on as far as it goes; returns how many are still open.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var open = await db.Set<ErasureRow>().AsNoTracking().Where(e => s_open.Contains(e.State))
            .ToListAsync(cancellationToken);
        var left = open.Count;
        foreach (var row in open)
        {
            left -= await MoveAsync(row, cancellationToken) ? 1 : 0;
        }

        return left;
    }

    private async Task<bool> MoveAsync(ErasureRow row, CancellationToken cancellationToken)
    {
        switch (row.State)
        {
            case ErasureRow.Asked:
                return await FollowApprovalAsync(row, cancellationToken);
            case ErasureRow.Queued when row.DueAt is null || row.DueAt <= time.GetUtcNow():
                return await RunQueuedAsync(row.Id, cancellationToken)
                    && await CompleteAsync(row.Id, cancellationToken);
            case ErasureRow.Destroyed:
                return await CompleteAsync(row.Id, cancellationToken);
            default:
                return false;
        }
    }

    /// <summary>Declined, withdrawn or expired: then the request is over, too.</summary>
    private async Task<bool> FollowApprovalAsync(ErasureRow row, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var approval = await work.Db.Set<ApprovalRow>().AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == row.ApprovalId, cancellationToken);
        if (approval is null or { State: ApprovalRow.Pending or ApprovalRow.Executed })
        {
            return false;
        }

        var tracked = await work.Db.Set<ErasureRow>().SingleAsync(e => e.Id == row.Id, cancellationToken);
        tracked.State = ErasureRow.Withdrawn;
        work.Record(
            Ours().Draft(
                CustodyEvents.ErasureWithdrawn, "custody.erasure.withdraw", "privacy_erasure_refused", null,
                ("subject", row.Subject), ("erasure", row.Id), ("approval", approval.State)),
            tracked);
        await work.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<bool> RunQueuedAsync(string id, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<ErasureRow>().SingleAsync(e => e.Id == id, cancellationToken);
        var (due, ground) = (row.DueAt, row.Ground);
        await desk.RunAsync(work, row, Approver.FromJson(row.Approvers), Ours(), cancellationToken);
        if (row.State == ErasureRow.Queued && row.DueAt == due && row.Ground == ground)
        {
            return false; // The same comes first as before: nothing new to record.
        }

        await work.CommitAsync(cancellationToken);
        return row.State == ErasureRow.Destroyed;
    }

    private async Task<bool> CompleteAsync(string id, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<ErasureRow>().SingleAsync(e => e.Id == id, cancellationToken);
        runtime.Keys.ForgetSubject(row.Subject);
        if (row.SubjectId is { } subject)
        {
            foreach (var step in steps)
            {
                await step.EraseAsync(row.SubjectType, subject, cancellationToken);
            }
        }

        var rewritten = row.SubjectId is null ? 0
            : await scrub.RunAsync(PersonEntries.Of(row.SubjectId), cancellationToken);
        var isScrubbed = await database.ScrubAsync(cancellationToken);
        register.Add(row);
        var executed = row.ExecutedEntry ?? throw new InvalidOperationException("A destroyed erasure has its entry.");
        var entry = await finder.FindAsync(executed, cancellationToken);
        var proof = await reader.ProofAsync(entry.Seq, null, cancellationToken);
        var now = time.GetUtcNow();
        var backups = await work.Db.Set<BackupSetRow>().AsNoTracking()
            .Where(b => b.CreatedAt < row.DestroyedAt && b.ExpiresAt > now).ToListAsync(cancellationToken);
        row.Certificate = ErasureLetters.Certificate(
            row, new CertificateFacts(entry.Seq, entry.Hash.ToString(), proof?.ToString()
                ?? "", rewritten, isScrubbed, backups));
        row.State = ErasureRow.Complete;
        row.CompletedAt = now;
        row.SubjectId = null;
        work.Record(
            Ours().Draft(
                CustodyEvents.ErasureCertified, "custody.erasure.certify", "privacy_erased", null,
                    ("subject", row.Subject),
                ("erasure", row.Id), ("certificate_sha256", ApprovalDesk.Hash(row.Certificate)),
                    ("segments_rewritten", rewritten)),
            row);
        await work.CommitAsync(cancellationToken);
        return true;
    }

    private AccessEntry Ours() => new(Caller.Server.ToActor(), null, time);
}

/// <summary>Finishes erasures when there are any, and looks every minute for those whose time has come.</summary>
internal sealed class ErasureSweep(Lazy<ErasureFinish> finish, ErasureSignal signal, ILogger<ErasureSweep> log)
    : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await finish.Value.SweepAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // What is open stays open: the next look goes on where this one failed.
                log.SweepFailed(fault);
            }

            await ((Task)signal.WaitAsync(s_pause, stoppingToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
