using System.Text.Json;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Keys;
using Probity.Server.Storage.Followers;

namespace Probity.Server.AuditTrail.Indexing;

/// <summary>The first follower: builds the search index from the log, a little behind it.</summary>
internal sealed class SearchFollower(ISearchIndex index, EntryOpener opener, InstallationKeys keys) : IFollower
{
    private readonly TextTokens _tokens = new(keys.BlindIndex);

    public string Name => "search";

    public Task<long> ReadCursorAsync(CancellationToken cancellationToken) => index.ReadCursorAsync(cancellationToken);

    public async Task ApplyAsync(
        IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken)
    {
        var events = new List<IndexedEvent>(entries.Count);
        foreach (var entry in entries)
        {
            var opened = await opener.OpenAsync(entry.Body, withBlobs: false, cancellationToken);
            using var document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(opened.Json));
            events.Add(IndexedEvent.From(document.RootElement, _tokens));
        }

        await index.ApplyAsync(events, next, cancellationToken);
    }
}
