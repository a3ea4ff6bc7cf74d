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

    /// <summary>GET /events:stream: server-sent events; the id of each is its sequence number.</summary>
    public async Task StreamAsync(HttpContext http, long? from)
    {
        var next = await StartOfStreamAsync(http, from);
        await reads.RecordAsync(
            http, Streamed, "events.stream", new Dictionary<string, object?> { ["from_sequence"] = next });
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-cache";
        await http.Response.WriteAsync(": probity\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        using var watched = revocations.Watch(http.RequireCaller());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, watched.Ended);
        try
        {
            await FollowAsync(http, next, either.Token);
        }
        catch (OperationCanceledException) when (watched.Ended.IsCancellationRequested)
        {
            // The session or key has ended, and the stream with it: the end is a clean one, and a client that comes
            // back is told why.
        }
    }

    private async Task FollowAsync(HttpContext http, long next, CancellationToken ended)
    {
        var lastSent = time.GetTimestamp();
        while (true)
        {
            ended.ThrowIfCancellationRequested();
            var entries = await store.ReadEntriesAsync(next, StreamBatch, ended);
            foreach (var entry in entries)
            {
                ended.ThrowIfCancellationRequested();
                await SendAsync(http, entry);
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

    private async Task SendAsync(HttpContext http, StoredEntry entry)
    {
        var view = EventView.Of(entry, await opener.OpenAsync(entry.Body, withBlobs: false, http.RequestAborted));
        var text = string.Create(
            CultureInfo.InvariantCulture, $"id: {entry.Seq}\nevent: event\ndata: {view.ToJsonString(EventJson.Options)}\n\n");
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), http.RequestAborted);
    }

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
