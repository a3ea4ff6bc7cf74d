using Microsoft.EntityFrameworkCore;
using Probity.Ledger.Verification;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.AuditTrail.Indexing;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Custody.Erasure;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Retention;

/// <summary>
/// Runs a purge, batch by batch. The purge entry that names the entries and who agreed is committed first; only then do
/// they go, under a role that may do nothing else. Interrupted anywhere, the next run goes on from there.
/// </summary>
internal sealed class PurgeRunner(
    IDatabase database, Lazy<ILedgerWriter> ledger, ILedgerStore store, PurgeScan scan, SearchScrub scrub,
        TimeProvider time)
{
    /// <summary>Most entries that one purge entry names.</summary>
    public const int BatchEntries = 20_000;

    /// <summary>Most runs of numbers that one purge entry lists, so that it fits into an entry with room to
    /// spare.</summary>
    public const int BatchRuns = 1_500;

    /// <summary>Runs what was agreed to and withdraws what was not; returns how many runs it ended.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var open = await db.Set<PurgeRunRow>().AsNoTracking()
            .Where(r => r.State == PurgeRunRow.Running || r.State == PurgeRunRow.Asked).ToListAsync(cancellationToken);
        var ended = 0;
        foreach (var run in open)
        {
            ended += run.State == PurgeRunRow.Running
                ? await PurgeAsync(run, cancellationToken)
                : await FollowApprovalAsync(run, cancellationToken);
        }

        return ended;
    }

    private async Task<int> PurgeAsync(PurgeRunRow run, CancellationToken cancellationToken)
    {
        await RemoveNamedAsync(cancellationToken);
        var judge = await scan.JudgeAsync(run.BeforeSeq, run.AsOf, cancellationToken);
        var approvers = Approver.FromJson(run.Approvers);
        for (var next = run.NextSeq; next < run.BeforeSeq;)
        {
            var batch = await scan.NextAsync(judge, next, run.BeforeSeq, BatchEntries, BatchRuns, cancellationToken);
            next = batch.NextSeq;
            if (batch.Due > 0)
            {
                await CommitAsync(run.Id, batch, approvers, cancellationToken);
                await store.PurgeAsync(batch.Runs, batch.Blobs, cancellationToken);
            }
            else
            {
                await NoteAsync(run.Id, batch, cancellationToken);
            }
        }

        await EndAsync(run.Id, cancellationToken);
        return 1;
    }

    /// <summary>The purge entry, the progress of the run and what the triggers look up, in one commit.</summary>
    private async Task CommitAsync(
        string id, PurgeBatch batch, IReadOnlyList<Approver> approvers, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<PurgeRunRow>().SingleAsync(r => r.Id == id, cancellationToken);
        Advance(row, batch);
        var draft = Ours().Draft(
            PurgeClaims.EntryType, "custody.purge.run", "data_purge", null, ("purge", id), ("approval", row.ApprovalId),
            ("approvers", Approvers.InClear(approvers)), ("count", batch.Due),
            ("ranges", batch.Runs.ConvertAll(r => new[] { r.First, r.Last })), ("blobs", batch.Blobs.Count));
        foreach (var (first, last) in batch.Runs)
        {
            work.Add(new LedgerPurgeRow { FirstSeq = first, LastSeq = last, EntryId = draft.Id });
        }

        foreach (var blob in batch.Blobs.Distinct(StringComparer.Ordinal))
        {
            work.Add(new BlobPurgeRow { Sha256 = Convert.FromHexString(blob) });
        }

        work.Record(draft, row);
        await work.CommitAsync(cancellationToken);
    }

    /// <summary>Nothing was due in a stretch: the end of the run tells so, and an entry for it would tell
    /// nothing.</summary>
    private Task NoteAsync(string id, PurgeBatch batch, CancellationToken cancellationToken) =>
        batch.Held == 0 ? Task.CompletedTask : NoteHeldAsync(id, batch, cancellationToken);

    private async Task NoteHeldAsync(string id, PurgeBatch batch, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<PurgeRunRow>().SingleAsync(r => r.Id == id, cancellationToken);
        Advance(row, batch);
        work.Record(
            Ours().Draft(
                CustodyEvents.PurgeStarted, "custody.purge.progress", "data_purge", null, ("purge", id),
                    ("held", batch.Held),
                ("next_seq", batch.NextSeq)),
            row);
        await work.CommitAsync(cancellationToken);
    }

    private async Task EndAsync(string id, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<PurgeRunRow>().SingleAsync(r => r.Id == id, cancellationToken);
        var named = await work.Db.Set<LedgerPurgeRow>().AsNoTracking().OrderBy(p => p.FirstSeq)
            .Select(p => new { p.FirstSeq, p.LastSeq }).ToListAsync(cancellationToken);
        await scrub.RunAsync(named.ConvertAll(p => (p.FirstSeq, p.LastSeq)), cancellationToken);
        await database.ScrubAsync(cancellationToken);
        (row.State, row.CompletedAt, row.NextSeq) = (PurgeRunRow.Complete, time.GetUtcNow(), row.BeforeSeq);
        work.Record(
            Ours().Draft(
                CustodyEvents.PurgeEnded, "custody.purge.end", "data_purge", null, ("purge", id),
                    ("purged", row.Purged),
                ("held", row.Held), ("approvers", Approvers.InClear(Approver.FromJson(row.Approvers)))),
            row);
        await work.CommitAsync(cancellationToken);
    }

    /// <summary>What a crash left between the purge entry and the removal; nothing when there was none.</summary>
    private async Task RemoveNamedAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var runs = await db.Set<LedgerPurgeRow>().AsNoTracking().OrderBy(p => p.FirstSeq)
            .ToListAsync(cancellationToken);
        var blobs = await db.Set<BlobPurgeRow>().AsNoTracking().Select(b => b.Sha256).ToListAsync(cancellationToken);
        await store.PurgeAsync(
            [.. runs.Select(r => (r.FirstSeq, r.LastSeq))], blobs.ConvertAll(Convert.ToHexStringLower),
                cancellationToken);
    }

    private async Task<int> FollowApprovalAsync(PurgeRunRow run, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var approval = await work.Db.Set<ApprovalRow>().AsNoTracking()
            .SingleOrDefaultAsync(a => a.Id == run.ApprovalId, cancellationToken);
        if (approval is null or { State: ApprovalRow.Pending or ApprovalRow.Executed })
        {
            return 0;
        }

        var row = await work.Db.Set<PurgeRunRow>().SingleAsync(r => r.Id == run.Id, cancellationToken);
        row.State = PurgeRunRow.Withdrawn;
        work.Record(
            Ours().Draft(
                CustodyEvents.PurgeEnded, "custody.purge.withdraw", "data_purge", null, ("purge", run.Id),
                    ("approval", approval.State)),
            row);
        await work.CommitAsync(cancellationToken);
        return 1;
    }

    private static void Advance(PurgeRunRow row, PurgeBatch batch)
    {
        row.Purged += batch.Due;
        row.Held += batch.Held;
        row.NextSeq = batch.NextSeq;
    }

    private AccessEntry Ours() => new(Caller.Server.ToActor(), null, time);
}

/// <summary>Wakes the loop that runs purges. Thread safe.</summary>
internal sealed class PurgeSignal : IDisposable
{
    private readonly SemaphoreSlim _work = new(0, 1);

    public void Set()
    {
        try
        {
            _work.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    public Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellationToken) =>
        _work.WaitAsync(longest, cancellationToken);

    public void Dispose() => _work.Dispose();
}

/// <summary>Runs purges that were agreed to, one after the other.</summary>
internal sealed class PurgeLoop(Lazy<PurgeRunner> runner, PurgeSignal signal, ILogger<PurgeLoop> log)
    : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await runner.Value.RunAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.PurgeFailed(fault);
            }

            await ((Task)signal.WaitAsync(s_pause, stoppingToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
