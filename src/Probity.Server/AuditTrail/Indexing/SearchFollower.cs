using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Followers;

namespace Probity.Server.AuditTrail.Indexing;

/// <summary>The first follower: builds the search index from the log, a little behind it.</summary>
internal sealed class SearchFollower(ISearchIndex index, IFieldCipher cipher, InstallationKeys keys) : IFollower
{
    private readonly EventIndexer _indexer = new(new TextTokens(keys.BlindIndex), new SealedMembers(cipher));

    public string Name => "search";

    /// <summary>A transaction an event would cost the append more than it brings a search.</summary>
    public TimeSpan Gathering => TimeSpan.FromMilliseconds(100);

    /// <summary>Five times as many events a segment are one merge of each event less.</summary>
    public TimeSpan GatheringOfMany => TimeSpan.FromMilliseconds(500);

    public Task<long> ReadCursorAsync(CancellationToken cancellationToken) => index.ReadCursorAsync(cancellationToken);

    public Task ApplyAsync(
        IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken)
    {
        var events = new List<IndexedEvent>(entries.Count);
        foreach (var entry in entries)
        {
            events.Add(_indexer.Read(entry.Body));
            OwnThread.Breathe();
        }

        return index.ApplyAsync(events, next, cancellationToken);
    }
}
