using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Probity.Screening.Lists.Diff;
using Probity.Screening.Model;
using Probity.Server.Access;
using Probity.Server.Customers;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Continuous;

/// <summary>
/// Brings all customers to the lists that are live. The difference of every list that changed is looked up among the
/// customers in memory; whoever it may concern is screened again in full, in commits of <see cref="Batch"/>; then one
/// entry says that the rest is covered. Interrupted, it begins anew and does no more than was left. Twice at once on
/// two nodes does no harm: the second run of the same step is refused by the store.
/// </summary>
internal sealed class ContinuousRun(
    IDatabase database, Lazy<ILedgerWriter> ledger, LiveEngine live, ListLibrary library, CustomerIndex index,
    CustomerScreening screening, CustomerSeal seal, TimeProvider time) : IDisposable
{
    /// <summary>Customers of one commit.</summary>
    public const int Batch = 50;

    /// <summary>So far before a run began results are looked at again: clocks of nodes differ, commits take
    /// time.</summary>
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _running = new(1, 1);

    /// <summary>Does what is to be done; nothing when no list is live or not all customers are in memory yet.</summary>
    /// <returns>How many customers were screened.</returns>
    public async Task<int> CatchUpAsync(CancellationToken cancellationToken)
    {
        await _running.WaitAsync(cancellationToken);
        try
        {
            if (live.Current is not { } snapshot)
            {
                return 0;
            }

            var lists = ListSet.Of(snapshot);
            var screened = await ScreenAllAsync(await NotScreenedAsync(cancellationToken), snapshot, cancellationToken);
            var last = await LastAsync(cancellationToken);
            var stepped = 0;
            if (last?.ListsSha256 != lists.Sha256 && index.IsComplete && index.Count > 0)
            {
                stepped = await StepAsync(last, lists, snapshot, cancellationToken);
                last = await LastAsync(cancellationToken);
            }

            // Their commits crossed the run: they were screened with the lists before, after it had looked them up.
            var late = last is null
                ? [] : await OthersAsync(last.StartedAt - s_margin, lists, cancellationToken);
            return screened.Count + stepped + (await ScreenAllAsync(late, snapshot, cancellationToken)).Count;
        }
        finally
        {
            _running.Release();
        }
    }

    /// <summary>The last run; null before the first.</summary>
    public async Task<RunRow?> LastAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<RunRow>().AsNoTracking().OrderByDescending(row => row.FinishedAt)
            .ThenByDescending(row => row.Id).FirstOrDefaultAsync(cancellationToken);
    }

    public void Dispose() => _running.Dispose();

    private async Task<int> StepAsync(
        RunRow? last, ListSet lists, EngineSnapshot snapshot, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var (entries, gone) = await DeltaAsync(last, snapshot, cancellationToken);
        var concerned = last is null
            ? await OthersAsync(DateTimeOffset.UnixEpoch, lists, cancellationToken)
            : index.Find(entries, snapshot.Engine, cancellationToken)
                .Union(await HoldersAsync(entries, gone, cancellationToken), StringComparer.Ordinal).ToList();
        var (count, hits) = await ScreenAllAsync(concerned, snapshot, cancellationToken);
        if (last is not null)
        {
            // Those whom the index proposes are screened at once; then everybody is looked at, and only then are the
            // others called covered.
            var rest = await ScreenAllAsync(
                index.FindRest(entries, concerned, snapshot.Engine, cancellationToken), snapshot,
                cancellationToken);
            (count, hits) = (count + rest.Count, hits + rest.Hits);
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var row = new RunRow
        {
            Id = AccessIds.New(RunRow.Prefix, time.GetUtcNow()),
            FromSha256 = last?.ListsSha256,
            ListsSha256 = lists.Sha256,
            Lists = lists.ToJson(),
            Engine = EngineOf(snapshot),
            Entries = entries.Count + gone.Count,
            Customers = index.Count,
            Screened = count,
            Hits = hits,
            StartedAt = started,
            FinishedAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(
            Ours().Draft(
                ContinuousEvents.Run, "screening.run", "sensitive_read", null,
                ("lists", snapshot.Lists.Select(Told)), ("engine", EngineConfiguration.EngineVersion),
                ("configuration", snapshot.Configuration), ("entries", row.Entries), ("customers", row.Customers),
                ("screened", count), ("hits", hits)),
            row);
        await work.CommitAsync(cancellationToken);
        return count;
    }

    private static object Told(ActiveList list)
    {
        var version = list.Read.List.Version;
        return new
        {
            list = version.List.Value, version = list.VersionId, published_on = version.PublishedOn,
            sha256 = version.Sha256, entries = version.Count,
        };
    }

    /// <summary>What is new or says something else, and what is gone, since the last run.</summary>
    private async Task<(List<ListedEntity> Entries, List<ListedEntity> Gone)> DeltaAsync(
        RunRow? last, EngineSnapshot snapshot, CancellationToken cancellationToken)
    {
        var (entries, gone) = (new List<ListedEntity>(), new List<ListedEntity>());
        if (last is null)
        {
            return (entries, gone); // There is no step: whoever has a result of other lists is screened again.
        }

        // Another engine or configuration may judge every entry anew.
        var before = last.Engine == EngineOf(snapshot)
            ? ListSet.Read(last.Lists) : ImmutableSortedDictionary<string, string>.Empty;
        foreach (var list in snapshot.Lists)
        {
            var known = before.GetValueOrDefault(list.Read.List.Version.List.Value);
            if (known == list.VersionId)
            {
                continue;
            }

            var diff = ListDiff.Between(
                known is null ? null : await ReadAsync(known, cancellationToken), list.Read.List);
            entries.AddRange([.. diff.Added, .. diff.Changed.Select(change => change.After)]);
            gone.AddRange(diff.Removed);
        }

        return (entries, gone);
    }

    private async Task<ScreeningList> ReadAsync(string versionId, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ListVersionRow>().AsNoTracking()
            .SingleAsync(version => version.Id == versionId, cancellationToken);
        return (await library.ReadAsync(row, cancellationToken)).List;
    }

    /// <summary>Customers with a hit on an entry that changed or is gone.</summary>
    private async Task<List<string>> HoldersAsync(
        List<ListedEntity> entries, List<ListedEntity> gone, CancellationToken cancellationToken)
    {
        var changed = entries.Concat(gone).Select(entity => (entity.List.Value, entity.Uid)).ToHashSet();
        await using var db = database.CreateContext();
        var held = await db.Set<HitRow>().AsNoTracking().Where(hit => hit.Status != HitRow.Ended)
            .Select(hit => new { hit.CustomerId, hit.List, hit.EntityUid }).ToListAsync(cancellationToken);
        return [.. held.Where(hit => changed.Contains((hit.List, hit.EntityUid))).Select(hit => hit.CustomerId)
            .Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Customers without a result of their present version.</summary>
    private async Task<List<string>> NotScreenedAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<CustomerRow>().AsNoTracking()
            .Where(customer => customer.State == CustomerRow.Active && !db.Set<ResultRow>().Any(result =>
                result.CustomerId == customer.Id && result.CustomerVersion == customer.Version))
            .Select(customer => customer.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Customers whose last full screening was with other lists, from a time on.</summary>
    private async Task<List<string>> OthersAsync(
        DateTimeOffset since, ListSet lists, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<ResultRow>().AsNoTracking()
            .Where(result => result.ScreenedAt >= since && result.ListsSha256 != lists.Sha256)
            .Select(result => result.CustomerId).ToListAsync(cancellationToken);
    }

    private async Task<(int Count, int Hits)> ScreenAllAsync(
        IEnumerable<string> customers, EngineSnapshot snapshot, CancellationToken cancellationToken)
    {
        var (count, hits) = (0, 0);
        foreach (var ids in customers.Chunk(Batch))
        {
            await using var work = new UnitOfWork(database, ledger.Value);
            var rows = await work.Db.Set<CustomerRow>().Where(row => ids.Contains(row.Id))
                .OrderBy(row => row.Id).ToListAsync(cancellationToken);
            var screened = 0;
            foreach (var row in rows)
            {
                if (seal.Open(row) is { } document)
                {
                    hits += await screening.ScreenAsync(work, row, document, snapshot, Ours(), cancellationToken);
                    screened++;
                }
            }

            if (screened > 0)
            {
                await work.CommitAsync(cancellationToken);
            }

            count += screened;
        }

        return (count, hits);
    }

    private static string EngineOf(EngineSnapshot snapshot) =>
        FormattableString.Invariant($"{EngineConfiguration.EngineVersion}/{snapshot.Configuration}");

    private AccessEntry Ours() => new(Caller.Server.ToActor(), null, time);
}
