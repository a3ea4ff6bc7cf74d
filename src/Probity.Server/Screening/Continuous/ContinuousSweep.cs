using Microsoft.EntityFrameworkCore;
using Probity.Screening.Model;
using Probity.Server.Customers;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Continuous;

/// <summary>
/// Keeps the customers of this process in memory and brings them to the lists that are live: at the start, soon after
/// an exchange of lists, and every ten minutes. Looking twice on two nodes does no harm, see <see
/// cref="ContinuousRun"/>.
/// </summary>
internal sealed class ContinuousSweep(
    IDatabase database, CustomerIndex index, CustomerSeal seal, ContinuousRun run, ExemptionSweep exemptions,
    LiveEngine live, TimeProvider time, ILogger<ContinuousSweep> log) : BackgroundService
{
    /// <summary>How soon an exchange of lists is followed.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>How often it looks for what was missed.</summary>
    public static readonly TimeSpan Thorough = TimeSpan.FromMinutes(10);

    private const int PageSize = 1_000;
    private const int SegmentSize = 250_000;

    /// <summary>So far back changes of other nodes are read again: clocks differ, commits take time.</summary>
    private static readonly TimeSpan s_overlap = TimeSpan.FromMinutes(2);

    private DateTimeOffset _readTo;

    /// <summary>Reads every customer into memory.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _readTo = time.GetUtcNow();
        var segment = new List<ListedEntity>();
        var after = "";
        while (true)
        {
            var rows = await PageAsync(after, cancellationToken);
            foreach (var row in rows)
            {
                if (seal.Open(row) is { } document)
                {
                    segment.Add(CustomerQuestions.Indexed(row.Id, document));
                }
            }

            if (segment.Count >= SegmentSize || (rows.Count < PageSize && segment.Count > 0))
            {
                index.AddSegment(segment);
                segment = [];
            }

            if (rows.Count < PageSize)
            {
                break;
            }

            after = rows[^1].Id;
        }

        index.Complete();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var next = time.GetUtcNow();
        EngineSnapshot? seen = null;
        do
        {
            try
            {
                if (!index.IsComplete)
                {
                    await LoadAsync(stoppingToken);
                }

                index.Compact();
                if (live.Current is { } snapshot && (!ReferenceEquals(snapshot, seen) || time.GetUtcNow() >= next))
                {
                    await FollowOthersAsync(stoppingToken);
                    await run.CatchUpAsync(stoppingToken);
                    await exemptions.ExpireAsync(stoppingToken);
                    (seen, next) = (snapshot, time.GetUtcNow() + Thorough);
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // Nothing is lost: what was not brought up to date is so at the next look.
                log.SweepFailed(fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Own changes come here too and are indexed twice, which costs a little memory until segments are merged.
    private async Task FollowOthersAsync(CancellationToken cancellationToken)
    {
        var since = _readTo - s_overlap;
        var now = time.GetUtcNow();
        await using var db = database.CreateContext();
        await foreach (var row in db.Set<CustomerRow>().AsNoTracking().Where(row => row.UpdatedAt >= since)
            .AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (seal.Open(row) is { } document)
            {
                index.Add(row.Id, document);
            }
            else if (index.Holds(row.Id))
            {
                await index.RemoveAsync(row.Id); // Erased on another node.
            }
        }

        _readTo = now;
    }

    private async Task<List<CustomerRow>> PageAsync(string after, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<CustomerRow>().AsNoTracking()
            .Where(row => row.State == CustomerRow.Active && string.Compare(row.Id, after) > 0)
            .OrderBy(row => row.Id).Take(PageSize).ToListAsync(cancellationToken);
    }
}

internal static partial class ContinuousLog
{
    [LoggerMessage(
        1, LogLevel.Error, "Customers could not be brought to the lists that are live; the next look tries again")]
    public static partial void SweepFailed(this ILogger log, Exception fault);
}
