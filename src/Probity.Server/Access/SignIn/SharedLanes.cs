using Microsoft.EntityFrameworkCore;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// What the other nodes counted, so that guessing is not quicker for going round the nodes. Each node writes its own
/// rows,
/// so none loses a count to another; one process alone (the embedded store) asks and tells nothing. Thread safe.
/// </summary>
internal sealed class SharedLanes(Lazy<IDatabase> database, ProbitySettings settings, LoginDigest digest,
    TimeProvider time, ILogger<SharedLanes> log)
{
    private const int MaxCleared = 100;
    private readonly string _node = Guid.CreateVersion7().ToString("N");

    /// <summary>Whether there may be other nodes.</summary>
    public bool IsShared { get; init; } = settings.Store.Kind == StoreKind.Postgres;

    /// <summary>The failures of other nodes in lanes, none for lanes not among them.</summary>
    public async Task<IReadOnlyDictionary<string,
        LaneCount>> OthersAsync(IReadOnlyCollection<string> lanes, CancellationToken cancellationToken)
    {
        var keys = lanes.ToDictionary(digest.Of, l => l, StringComparer.Ordinal);
        var since = time.GetUtcNow() - SignInThrottle.Memory;
        await using var db = database.Value.CreateContext();
        var rows = await db.Set<SignInLaneRow>().AsNoTracking()
            .Where(r => keys.Keys.Contains(r.Lane) && r.Node != _node && r.Last > since).ToListAsync(cancellationToken);
        return rows.GroupBy(r => keys[r.Lane]).ToDictionary(
            g => g.Key, g => new LaneCount((int)Math.Min(1_000, g.Sum(r => r.Failures)), g.Max(r => r.Last)),
                StringComparer.Ordinal);
    }

    /// <summary>Tells the other nodes what this one counted.</summary>
    public Task TellAsync(IReadOnlyDictionary<string, LaneCount> counts) => TryAsync(async (db, token) =>
    {
        var keys = counts.ToDictionary(c => digest.Of(c.Key), c => c.Value, StringComparer.Ordinal);
        var known = await db.Set<SignInLaneRow>().Where(r => keys.Keys.Contains(r.Lane) && r.Node == _node)
            .ToListAsync(token);
        foreach (var (lane, count) in keys)
        {
            if (known.FirstOrDefault(r => r.Lane == lane) is { } row)
            {
                (row.Failures, row.Last) = (count.Failures, count.Last);
            }
            else
            {
                db.Add(new SignInLaneRow { Lane = lane, Node = _node, Failures = count.Failures, Last = count.Last });
            }
        }

        var before = time.GetUtcNow() - SignInThrottle.Memory;
        db.RemoveRange(await db.Set<SignInLaneRow>().Where(r => r.Last < before).OrderBy(r => r.Last).Take(MaxCleared)
            .ToListAsync(token));
    });

    /// <summary>Empties lanes on every node: the person proved itself.</summary>
    public Task ClearAsync(IReadOnlyCollection<string> lanes) => TryAsync(async (db, token) =>
    {
        var keys = lanes.Select(digest.Of).ToList();
        db.RemoveRange(await db.Set<SignInLaneRow>().Where(r => keys.Contains(r.Lane)).ToListAsync(token));
    });

    // A lane that cannot be written slows this node's callers all the same; the sign-in itself must not fail of it.
    private async Task TryAsync(Func<ProbityDb, CancellationToken, Task> change)
    {
        try
        {
            await database.Value.SaveAsync(change, CancellationToken.None);
        }
        catch (Exception fault) when (fault is DbUpdateException or StorageException)
        {
            log.LanesNotShared(fault);
        }
    }
}

/// <summary>Failures in a lane, and the last of them.</summary>
internal sealed record LaneCount(int Failures, DateTimeOffset Last);
