using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Probity.Ledger.Notes;
using Probity.Server.Access;
using Probity.Server.Access.Sessions;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Indexing;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Api;

/// <summary>Finding events, reading one, following them live, and proving them.</summary>
internal sealed class QueryEndpoints(
    ILedgerStore store,
    LedgerReader reader,
    EntryOpener opener,
    EventFinder finder,
    ISearchIndex index,
    InstallationKeys keys,
    TextTokens tokens,
    IFieldCipher cipher,
    CommitSignal signal,
    ReadRecorder reads,
    SearchLag lag,
    SessionRevocations revocations,
    TimeProvider time)
{
    public const string Searched = "probity.events.searched";
    public const string Read = "probity.events.read";
    public const string Streamed = "probity.events.streamed";
    private const int StreamBatch = 256;
    private const int DefaultBuckets = 60;
    private const int MaxValues = 20;
    private static readonly FilterField[] s_impersonal =
    [
        FilterField.Action, FilterField.Type, FilterField.Outcome, FilterField.ActorType, FilterField.Role,
        FilterField.TargetType, FilterField.Source, FilterField.Service,
    ];

    private static readonly OrNode s_failed =
        new([new ValueNode(FilterField.Outcome, "failure"), new ValueNode(FilterField.Outcome, "denied")]);

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>GET /events.</summary>
    public async Task<JsonObject> ListAsync(HttpContext http, string? filter, int? pageSize, string? pageToken)
    {
        var cancellationToken = http.RequestAborted;
        var text = filter ?? "";
        var size = PageSizes.Coerce(pageSize);
        var token = string.IsNullOrEmpty(pageToken) ? null : PageToken.Decode(pageToken, keys.PageToken, text);
        var now = token?.Now ?? time.GetUtcNow();
        var page = await index.SearchAsync(
            new SearchQuery(EventFilter.Parse(text, now), token?.Before, size), cancellationToken);
        var asOf = token?.AsOfSequence ?? page.AsOfSequence;
        var events = new JsonArray();
        var ids = new List<string>();
        foreach (var seq in page.Sequences)
        {
            if (await reader.EntryAsync(seq, cancellationToken) is { } entry)
            {
                var view = EventView.Of(entry, await opener.OpenAsync(entry.Body, withBlobs: false, cancellationToken));
                ids.Add(view["id"]!.GetValue<string>());
                events.Add(view);
            }
        }

        // The head before this search is recorded: the search's own entry is no lag of the index.
        var head = await reader.HeadAsync(cancellationToken);
        await reads.RecordAsync(http, Searched, "events.search", new Dictionary<string, object?>
        {
            ["filter"] = text,
            ["count"] = ids.Count,
            ["ids_sha256"] = ReadRecorder.Digest(ids),
            ["as_of_sequence"] = asOf,
        }, events.SelectMany(e => ReadRecorder.SubjectsOf(e!))); // Each is an object that was just made.

        var answer = new JsonObject
        {
            ["events"] = events,
            ["as_of_sequence"] = asOf,
            ["index_lag_events"] = Math.Max(0, head.Size - page.AsOfSequence),
            ["index_lag_seconds"] = lag.Seconds,
        };
        if (page.NextBefore is { } before)
        {
            answer["next_page_token"] = new PageToken(asOf, before, now).Encode(keys.PageToken, text);
        }

        return answer;
    }

    /// <summary>GET /events/{id}.</summary>
    public async Task<JsonObject> GetAsync(HttpContext http, string id)
    {
        var entry = await finder.FindAsync(id, http.RequestAborted);
        var view = EventView.Of(entry, await opener.OpenAsync(entry.Body, withBlobs: true, http.RequestAborted));
        await RecordReadAsync(http, id, "event", view);
        return view;
    }

    /// <summary>GET /events/{id}/entry: the exact bytes that were hashed.</summary>
    public async Task EntryAsync(HttpContext http, string id)
    {
        var entry = await finder.FindAsync(id, http.RequestAborted);
        var opened = await opener.OpenAsync(entry.Body, withBlobs: false, http.RequestAborted);
        await RecordReadAsync(http, id, "entry", opened.Json);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = entry.Body.Length;
        await http.Response.Body.WriteAsync(entry.Body, http.RequestAborted);
    }

    /// <summary>GET /events/{id}/proof?tree_size=: tlog-proof text, or JSON.</summary>
    public async Task ProofAsync(HttpContext http, string id, long? treeSize)
    {
        var entry = await finder.FindAsync(id, http.RequestAborted);
        var proof = await reader.ProofAsync(entry.Seq, treeSize, http.RequestAborted)
            ?? throw new RefusedException(
                "ledger.bad_range", "/tree_size", "No checkpoint of that size covers this event; leave tree_size out.");
        if (!http.Request.Headers.Accept.ToString().Contains("text/plain", StringComparison.OrdinalIgnoreCase))
        {
            await http.Response.WriteAsJsonAsync(ToJson(entry, proof), http.RequestAborted);
            return;
        }

        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(proof.ToString(), http.RequestAborted);
    }

    /// <summary>GET /events:histogram: how many events match over time, and how many of them failed or were denied.</summary>
    public async Task<JsonObject> HistogramAsync(HttpContext http, string? filter, int? buckets)
    {
        var timeline = await CountAsync(filter, buckets, http.RequestAborted);
        await reads.RecordAsync(http, Searched, "events.count", new Dictionary<string, object?>
        {
            ["filter"] = filter ?? "",
            ["count"] = timeline.Counts.Sum(),
        });
        return new JsonObject
        {
            ["from"] = Instants.Format(timeline.From),
            ["bucket_seconds"] = timeline.BucketMicros / 1e6,
            ["counts"] = new JsonArray([.. timeline.Counts.Select(count => (JsonNode)count)]),
            ["failed"] = new JsonArray([.. timeline.Marked.Select(count => (JsonNode)count)]),
            ["is_whole"] = timeline.IsWhole,
        };
    }

    /// <summary>
    /// The count of a search, without an entry of its own: for a caller whose search with the same filter is recorded.
    /// </summary>
    internal Task<EventTimeline> CountAsync(string? filter, int? buckets, CancellationToken cancellationToken)
    {
        if (buckets is < 1 or > TimelineQuery.MaxBuckets)
        {
            throw new RefusedException("query.bad_value", "/buckets", $"buckets is 1 to {TimelineQuery.MaxBuckets}.");
        }

        var parsed = EventFilter.Parse(filter ?? "", time.GetUtcNow());
        var (from, to) = BoundsOf(parsed.Root);
        return index.CountAsync(new TimelineQuery(parsed, s_failed, buckets ?? DefaultBuckets, from, to), cancellationToken);
    }

    /// <summary>GET /events:values: values of a field that name no person, to complete a filter.</summary>
    public async Task<JsonObject> ValuesAsync(string? field, string? prefix, CancellationToken cancellationToken)
    {
        if (field is null || !FilterFields.TryFind(field, out var known) || !s_impersonal.Contains(known))
        {
            throw new RefusedException(
                "query.bad_value", "/field", "Values are completed for action, type, outcome, actor.type, role, target.type, "
                + "source and service; ids of people and things are not listed.");
        }

        if (Encoding.UTF8.GetByteCount(prefix ?? "") > FilterConditions.MaxPrefixBytes)
        {
            throw new RefusedException("query.bad_value", "/prefix", $"A prefix has at most {FilterConditions.MaxPrefixBytes} bytes.");
        }

        var values = await index.FindValuesAsync(known, prefix ?? "", MaxValues, cancellationToken);
        return new JsonObject
        {
            ["values"] = new JsonArray([.. values.Select(v => new JsonObject { ["value"] = v.Value, ["count"] = v.Count })]),
        };
    }

    /// <summary>GET /events:stream: server-sent events; the id of each is its sequence number.</summary>
    public async Task StreamAsync(HttpContext http, long? from, string? filter)
    {
        var wanted = EventFilter.Parse(filter ?? "", time.GetUtcNow());
        var next = await StartOfStreamAsync(http, from);
        await reads.RecordAsync(http, Streamed, "events.stream", new Dictionary<string, object?>
        {
            ["from_sequence"] = next,
            ["filter"] = wanted.Text,
        });
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        await http.Response.WriteAsync(": probity\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        using var watched = revocations.Watch(http.RequireCaller());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, watched.Ended);
        var tally = new StreamTally(reads, http, Streamed);
        try
        {
            await FollowAsync(http, next, wanted, tally, either.Token);
        }
        catch (OperationCanceledException) when (watched.Ended.IsCancellationRequested)
        {
            // The session or key has ended, and the stream with it: the end is a clean one, and a client that comes
            // back is told why.
        }
        finally
        {
            await tally.TellRestAsync();
        }
    }

    private async Task FollowAsync(
        HttpContext http, long next, EventFilter wanted, StreamTally tally, CancellationToken ended)
    {
        var lastSent = time.GetTimestamp();
        while (true)
        {
            ended.ThrowIfCancellationRequested();
            var entries = await store.ReadEntriesAsync(next, StreamBatch, ended);
            foreach (var entry in entries)
            {
                ended.ThrowIfCancellationRequested();
                await tally.TellIfManyAsync();
                await SendAsync(http, entry, wanted, tally);
                next = entry.Seq + 1;
            }

            if (entries.Count == 0)
            {
                if (time.GetElapsedTime(lastSent) > s_heartbeat)
                {
                    await http.Response.WriteAsync(": still here\n\n", http.RequestAborted);
                    await http.Response.Body.FlushAsync(http.RequestAborted);
                    lastSent = time.GetTimestamp();
                }

                await signal.WaitBeyondAsync(next, ended);
                continue;
            }

            await http.Response.Body.FlushAsync(http.RequestAborted);
            lastSent = time.GetTimestamp();
        }
    }

    private Task RecordReadAsync(HttpContext http, string id, string form, JsonObject read) => reads.RecordAsync(
        http, Read, "events.read", new Dictionary<string, object?> { ["id"] = id, ["form"] = form, ["count"] = 1 }, ReadRecorder.SubjectsOf(read));

    private async Task SendAsync(HttpContext http, StoredEntry entry, EventFilter wanted, StreamTally tally)
    {
        var opened = await opener.OpenAsync(entry.Body, withBlobs: false, http.RequestAborted);
        if (wanted.Text.Length > 0 && !IsWanted(entry, wanted))
        {
            return;
        }

        var view = EventView.Of(entry, opened);
        var text = string.Create(
            CultureInfo.InvariantCulture, $"id: {entry.Seq}\nevent: event\ndata: {view.ToJsonString(EventJson.Options)}\n\n");
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted);
        tally.Add(entry, view);
    }

    private bool IsWanted(StoredEntry entry, EventFilter wanted)
    {
        var indexed = new EventIndexer(tokens, new SealedMembers(cipher)).Read(entry.Body);
        return EventMatch.Matches(indexed, wanted.Root, tokens);
    }

    /// <summary>The span of time that the filter itself leaves: what all its parts joined by AND agree on.</summary>
    private static (long? From, long? To) BoundsOf(FilterNode node)
    {
        var ranges = (node is AndNode and ? and.Children.SelectMany(Flatten) : Flatten(node))
            .OfType<RangeNode>().Where(range => range.Field == FilterField.RecordedAt).ToList();
        var from = ranges.Where(range => range.From > long.MinValue).Select(range => (long?)range.From).Max();
        var to = ranges.Where(range => range.To < long.MaxValue).Select(range => (long?)range.To).Min();
        return (from, to);
    }

    private static IEnumerable<FilterNode> Flatten(FilterNode node) =>
        node is AndNode and ? and.Children.SelectMany(Flatten) : [node];

    private async Task<long> StartOfStreamAsync(HttpContext http, long? from)
    {
        var last = http.Request.Headers["Last-Event-ID"].ToString();
        if (last.Length == 0)
        {
            return from is < 0
                ? throw new RefusedException("query.bad_value", "/from", "from is a sequence number, from 0.")
                : from ?? (await reader.HeadAsync(http.RequestAborted)).Size;
        }

        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) && seq < long.MaxValue
            ? seq + 1
            : throw new RefusedException(
                "query.bad_value", "", "Last-Event-ID must be the id of an event of this stream, a sequence number.");
    }

    private static JsonObject ToJson(in StoredEntry entry, TlogProof proof) => new()
    {
        ["seq"] = proof.Index,
        ["hash"] = entry.Hash.ToString(),
        ["tree_size"] = proof.Checkpoint.Size,
        ["root"] = proof.Checkpoint.Root.ToBase64(),
        ["path"] = new JsonArray([.. proof.Hashes.Select(hash => (JsonNode)hash.ToBase64())]),
        ["checkpoint"] = proof.CheckpointNote,
        ["tlog_proof"] = proof.ToString(),
    };
}
