using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Lists;

/// <summary>
/// When each list was last looked for with success, in memory: every screening asks whether its lists are stale, and
/// should not ask the store for it. What this node notes is known at once, what others note within
/// <see cref="ListSweep.Pause"/>. Thread safe.
/// </summary>
internal sealed class ListAges(IDatabase database, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _checked = new(StringComparer.Ordinal);
    private volatile bool _isRead;

    /// <summary>Notes that a list was looked for with success.</summary>
    public void Note(string list, DateTimeOffset at) =>
        _checked.AddOrUpdate(list, at, (_, known) => known > at ? known : at);

    /// <summary>Reads what the store knows.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        await foreach (var feed in db.Set<ListFeedRow>().AsNoTracking().AsAsyncEnumerable()
            .WithCancellation(cancellationToken))
        {
            if (feed.CheckedAt is { } at)
            {
                Note(feed.List, at);
            }
        }

        _isRead = true;
    }

    /// <summary>Those of some lists that nobody has looked for in too long, in their order.</summary>
    public async ValueTask<IReadOnlyList<string>> StaleAsync(
        IEnumerable<string> lists, CancellationToken cancellationToken)
    {
        if (!_isRead)
        {
            await RefreshAsync(cancellationToken);
        }

        var since = time.GetUtcNow() - ListStatus.StaleAfter;
        return [.. lists.Where(list => !_checked.TryGetValue(list, out var at) || at < since)];
    }
}
