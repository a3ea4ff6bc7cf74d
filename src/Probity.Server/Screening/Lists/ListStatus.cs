using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Contracts.Screening;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Lists;

/// <summary>What is loaded, live, waiting and stale. Reads only.</summary>
internal sealed class ListStatus(IDatabase database, TimeProvider time)
{
    /// <summary>How long a list may go without having been looked for. Official lists change on most working
    /// days.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromHours(36);

    private const int MaxVersions = 200;

    /// <summary>Tells of every list that was ever loaded or looked for.</summary>
    public async Task<ListStatusList> AllAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var live = await db.Set<ListRow>().AsNoTracking().ToDictionaryAsync(row => row.List, cancellationToken);
        var feeds = await db.Set<ListFeedRow>().AsNoTracking().ToDictionaryAsync(row => row.List, cancellationToken);
        var versions = await db.Set<ListVersionRow>().AsNoTracking().ToListAsync(cancellationToken);
        var names = versions.Select(row => row.List).Concat(feeds.Keys).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        return new ListStatusList([.. names.Select(name => View(
            name, live.GetValueOrDefault(name)?.VersionId, feeds.GetValueOrDefault(name),
            [.. versions.Where(row => row.List == name)]))]);
    }

    /// <summary>Lists the versions of a list, newest first.</summary>
    /// <exception cref="ProblemException">There is no such list.</exception>
    public async Task<ListVersionList> VersionsAsync(string list, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var live = await db.Set<ListRow>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.List == list, cancellationToken);
        var rows = await db.Set<ListVersionRow>().AsNoTracking().Where(row => row.List == list)
            .OrderByDescending(row => row.LoadedAt).ThenByDescending(row => row.Id).Take(MaxVersions)
                .ToListAsync(cancellationToken);
        return rows.Count == 0
            ? throw new ProblemException(ErrorCodes.ScreeningListVersionNotFound, $"There is no list {list}.")
            : new ListVersionList([.. rows.Select(row => ListViews.Of(row, row.Id == live?.VersionId))]);
    }

    private ListStatusView View(string list, string? liveId, ListFeedRow? feed, List<ListVersionRow> versions)
    {
        var live = versions.SingleOrDefault(row => row.Id == liveId);
        var newest = versions.OrderByDescending(row => row.LoadedAt)
            .ThenByDescending(row => row.Id, StringComparer.Ordinal).FirstOrDefault();
        return new ListStatusView
        {
            List = list,
            Active = live is null ? null : ListViews.Of(live, isActive: true),
            Waiting = newest is null || newest.Id == liveId ? null : ListViews.Of(newest, isActive: false),
            CheckedAt = feed?.CheckedAt,
            IsStale = feed?.CheckedAt is not { } at || time.GetUtcNow() - at > StaleAfter,
            LastFault = feed?.LastFault,
        };
    }
}
