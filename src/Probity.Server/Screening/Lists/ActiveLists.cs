using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using Probity.Screening.Lists.Reading;
using Probity.Screening.Model;
using Probity.Server.Storage;

namespace Probity.Server.Screening.Lists;

/// <summary>A live version with its entries.</summary>
/// <param name="VersionId">Its row.</param>
/// <param name="Read">The list as read.</param>
internal sealed record ActiveList(string VersionId, ListReadResult.Accepted Read);

/// <summary>
/// The live lists of this process. A screening takes <see cref="Current"/> once and works with it to its end, so an
/// exchange never pauses and never mixes versions. Other nodes see an activation at their next look, within
/// <see cref="ListSweep.Pause"/>. Thread safe.
/// </summary>
internal sealed class ActiveLists(IDatabase database, ListLibrary library) : IDisposable
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile FrozenDictionary<ListId, ActiveList> _current = FrozenDictionary<ListId, ActiveList>.Empty;

    /// <summary>Raised after an exchange, with what is live now. Handlers must be quick and must not throw.</summary>
    public event Action<FrozenDictionary<ListId, ActiveList>>? Exchanged;

    /// <summary>Gets what is live.</summary>
    public FrozenDictionary<ListId, ActiveList> Current => _current;

    /// <summary>Brings the process to what the store says is live; reads only versions it does not hold.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var wanted = await WantedAsync(cancellationToken);
            var held = _current;
            if (wanted.Count == held.Count && wanted.All(row => held.Values.Any(list => list.VersionId == row.Id)))
            {
                return;
            }

            var next = new Dictionary<ListId, ActiveList>();
            foreach (var row in wanted)
            {
                var id = new ListId(row.List);
                next[id] = held.TryGetValue(id, out var list) && list.VersionId == row.Id
                    ? list
                    : new ActiveList(row.Id, await library.ReadAsync(row, cancellationToken));
            }

            _current = next.ToFrozenDictionary();
            Exchanged?.Invoke(_current);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

    private async Task<List<ListVersionRow>> WantedAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<ListRow>().AsNoTracking()
            .Join(db.Set<ListVersionRow>().AsNoTracking(), list => list.VersionId, version =>
                version.Id, (_, version) => version)
            .OrderBy(version => version.List)
            .ToListAsync(cancellationToken);
    }
}
