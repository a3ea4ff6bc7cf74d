using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Append;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// Computes the standing of customers again when something else than they themselves changed: hits, alerts, days, the
/// scorecard. Looking twice on two nodes does no harm: of two ratings with the same number one is refused by the store.
/// </summary>
internal sealed class RatingSweep(
    IDatabase database, Lazy<ILedgerWriter> ledger, CustomerStanding standing, Scorecards scorecards,
    IRatingSources sources, CustomerSeal seal, TimeProvider time, ILogger<RatingSweep> log) : BackgroundService
{
    /// <summary>How soon a change is followed.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Customers of one commit.</summary>
    public const int Batch = 50;

    private const int PageSize = 500;

    /// <summary>So far back changes are looked for again: clocks of nodes differ, commits take time.</summary>
    private static readonly TimeSpan s_overlap = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _running = new(1, 1);
    private readonly HashSet<string> _failed = new(StringComparer.Ordinal);
    private DateTimeOffset _readTo = DateTimeOffset.UnixEpoch;
    private string? _scorecard;

    /// <summary>Does what is due now.</summary>
    /// <returns>How many customers were looked at.</returns>
    public async Task<int> CatchUpAsync(CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken);
        try
        {
            var count = await FindingsAsync(cancellationToken);
            count += await PagesAsync(DueAsync, RatingCause.Due, cancellationToken);
            return count + await ScorecardAsync(cancellationToken);
        }
        finally
        {
            _running.Release();
        }
    }

    public override void Dispose()
    {
        _running.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await CatchUpAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.SweepFailed(fault); // Nothing is lost: what is due stays due.
            }

            // Not a timer that ticks on: however much time went by, there is one look to take.
            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private async Task<int> FindingsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = database.CreateContext();
        var changed = await sources.ChangedAsync(db, _readTo, cancellationToken);
        foreach (var ids in changed.Chunk(Batch))
        {
            await RefreshAsync(ids, RatingCause.Findings, cancellationToken);
        }

        _readTo = now - s_overlap;
        return changed.Count;
    }

    // Only a change of the scorecard asks for everybody; a restart looks once.
    private async Task<int> ScorecardAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var current = await scorecards.CurrentAsync(db, cancellationToken);
        if (current?.Id == _scorecard)
        {
            return 0;
        }

        var count = current is not { } found ? 0 : await PagesAsync(
            (context, token) => OthersAsync(context, found.Id, token), RatingCause.Scorecard, cancellationToken);
        _scorecard = current?.Id;
        return count;
    }

    private async Task<int> PagesAsync(
        Func<ProbityDb, CancellationToken, Task<List<string>>> read, string cause,
        CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            List<string> page;
            await using (var db = database.CreateContext())
            {
                page = await read(db, cancellationToken);
            }

            // Whoever comes again in the same look waits for the next one.
            var fresh = page.Where(id => !_failed.Contains(id) && seen.Add(id)).ToList();
            if (fresh.Count == 0)
            {
                return seen.Count;
            }

            foreach (var ids in fresh.Chunk(Batch))
            {
                await RefreshAsync(ids, cause, cancellationToken);
            }
        }
    }

    /// <summary>Ids of customers whose rating has run out.</summary>
    internal static IQueryable<string> Ended(ProbityDb db, DateTimeOffset now) => db.Set<CustomerRow>().AsNoTracking()
        .Where(row => row.State == CustomerRow.Active && row.RerateAt <= now).Select(row => row.Id);

    /// <summary>Ids of customers who changed since they were rated.</summary>
    internal static IQueryable<string> Unread(ProbityDb db) => db.Set<CustomerRow>().AsNoTracking()
        .Where(row => row.State == CustomerRow.Active && row.StandingVersion != row.Version).Select(row => row.Id);

    // Two questions, each with an index: for a union of them SQLite reads every customer, twice.
    private async Task<List<string>> DueAsync(ProbityDb db, CancellationToken cancellationToken)
    {
        var ended = await Ended(db, time.GetUtcNow()).Take(PageSize).ToListAsync(cancellationToken);
        var unread = await Unread(db).Take(PageSize).ToListAsync(cancellationToken);
        return [.. ended.Union(unread, StringComparer.Ordinal)];
    }

    private static Task<List<string>> OthersAsync(
        ProbityDb db, string scorecard, CancellationToken cancellationToken) =>
        db.Set<CustomerRow>().AsNoTracking()
            .Where(row => row.State == CustomerRow.Active
                && (row.RatedAt == null || (row.RatedBy != null && row.RatedBy != scorecard)))
            .OrderBy(row => row.Id).Select(row => row.Id).Take(PageSize).ToListAsync(cancellationToken);

    private async Task RefreshAsync(string[] ids, string cause, CancellationToken cancellationToken)
    {
        try
        {
            await CommitAsync(ids, cause, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            foreach (var id in ids)
            {
                await AloneAsync(id, cause, cancellationToken);
            }
        }
    }

    // One that cannot be rated does not hold up the others; it is tried again after a restart and when it changes.
    private async Task AloneAsync(string id, string cause, CancellationToken cancellationToken)
    {
        try
        {
            await CommitAsync([id], cause, cancellationToken);
        }
        catch (Exception fault) when (CommitRaces.IsRace(fault))
        {
            // Somebody else was first: what is still due is found at the next look.
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or LedgerUnavailableException))
        {
            _failed.Add(id);
            log.CustomerFailed(id, fault);
        }
    }

    private async Task CommitAsync(string[] ids, string cause, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var rows = await work.Db.Set<CustomerRow>()
            .Where(row => row.State == CustomerRow.Active && (ids.Contains(row.Id) || ids.Contains(row.ExternalId)))
            .OrderBy(row => row.Id).ToListAsync(cancellationToken);
        var entry = new AccessEntry(Caller.Server.ToActor(), null, time);
        foreach (var row in rows)
        {
            if (seal.Open(row) is not { } document)
            {
                (row.StandingVersion, row.RerateAt) = (row.Version, null); // Its key was destroyed.
                continue;
            }

            await standing.RefreshAsync(work, row, document, cause, entry, cancellationToken);
            if (cause == RatingCause.Findings)
            {
                await standing.MarkOwnedAsync(work, row, cancellationToken);
            }
        }

        if (work.HasEntries)
        {
            await work.CommitAsync(cancellationToken);
        }
        else
        {
            await SaveAsync(work, cancellationToken);
        }
    }

    // Nothing came to something else: only when it is looked at again changes, which needs no entry.
    private async Task SaveAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        var changed = work.Db.ChangeTracker.Entries<CustomerRow>().Where(row => row.State == EntityState.Modified)
            .Select(row => row.Entity).ToDictionary(row => row.Id, StringComparer.Ordinal);
        if (changed.Count == 0)
        {
            return;
        }

        var ids = changed.Keys.ToList();
        await database.SaveAsync(
            async (db, token) =>
            {
                foreach (var row in await db.Set<CustomerRow>().Where(row => ids.Contains(row.Id)).ToListAsync(token))
                {
                    row.TakeStanding(changed[row.Id]);
                }
            },
            cancellationToken);
    }
}

internal static partial class RatingLog
{
    [LoggerMessage(1, LogLevel.Error, "Customers could not be rated again; the next look tries again")]
    public static partial void SweepFailed(this ILogger log, Exception fault);

    [LoggerMessage(2, LogLevel.Error, "Customer {Id} could not be rated; its last rating stays in force")]
    public static partial void CustomerFailed(this ILogger log, string id, Exception fault);
}
