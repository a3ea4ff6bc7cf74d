using System.Globalization;
using System.Text.Json.Nodes;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;

namespace Probity.Server.AuditTrail.Api;

/// <summary>What anyone may check: heads, checkpoints, consistency, keys, and the log at the paths of tlog-tiles.</summary>
internal sealed class LedgerEndpoints(
    ILedgerStore store, LedgerReader reader, LedgerWriter writer, LogIdentity log, VerificationState verification,
    ReadRecorder reads)
{
    public const string BundleRead = "probity.ledger.entries_read";
    private const int DefaultPage = 50;
    private const int MaxPage = 1_000;

    /// <summary>GET /ledger.</summary>
    public async Task<JsonObject> OverviewAsync(CancellationToken cancellationToken)
    {
        var head = await reader.HeadAsync(cancellationToken);
        return new JsonObject
        {
            ["log"] = log.Origin,
            ["size"] = head.Size,
            ["root"] = head.Root.ToBase64(),
            ["checkpoint"] = head.Checkpoint,
            ["recorded_at"] = Ledger.Entries.Timestamp.ToText(head.RecordedAtMicros),
            // The tier is what an outsider may rely on: signed by the operator, seen by nobody else yet.
            ["tier"] = "signed",
            ["store"] = store.Kind,
            ["signing"] = writer.Stopped is { } reason ? "stopped: " + reason : "active",
            ["verification"] = verification.ToJson(),
        };
    }

    /// <summary>GET /ledger/checkpoints, newest first.</summary>
    public async Task<JsonObject> CheckpointsAsync(int? pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        if (pageSize < 0)
        {
            throw new RefusedException("query.bad_value", "/page_size", "page_size must not be negative.");
        }

        var size = Math.Min(pageSize is null or 0 ? DefaultPage : pageSize.Value, MaxPage);
        var before = long.MaxValue;
        if (!string.IsNullOrEmpty(pageToken)
            && !long.TryParse(pageToken, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            throw new RefusedException("query.page_token_mismatch", "/page_token", "Use next_page_token as it was given.");
        }

        var stored = await store.ReadNewestCheckpointsAsync(before, size, cancellationToken);
        var page = new JsonArray([.. stored.Select(checkpoint => new JsonObject
        {
            ["size"] = checkpoint.Size,
            ["root"] = Checkpoint.Parse(SignedNote.Parse(checkpoint.Note).Text).Root.ToBase64(),
            ["note"] = checkpoint.Note,
        })]);
        var answer = new JsonObject { ["checkpoints"] = page };
        if (stored.Count == size && stored[^1].Size > 1)
        {
            answer["next_page_token"] = (stored[^1].Size - 1).ToString(CultureInfo.InvariantCulture);
        }

        return answer;
    }

    /// <summary>GET /ledger/consistency?from=&amp;to=.</summary>
    public async Task<JsonObject> ConsistencyAsync(long? from, long? to, CancellationToken cancellationToken)
    {
        var head = await reader.HeadAsync(cancellationToken);
        var upper = to ?? head.Size;
        if (from is not { } lower || lower < 0 || lower > upper || upper > head.Size)
        {
            throw new RefusedException(
                "ledger.bad_range", "", $"Give 0 ≤ from ≤ to ≤ {head.Size}; to may be left out for the newest size.");
        }

        // From an empty tree every tree follows, and RFC 6962 has no proof for it: the proof is empty.
        var proof = lower == 0 ? [] : await reader.ConsistencyAsync(lower, upper, cancellationToken);
        return new JsonObject
        {
            ["from"] = lower,
            ["to"] = upper,
            ["from_root"] = (await reader.RootAsync(lower, cancellationToken)).ToBase64(),
            ["to_root"] = (await reader.RootAsync(upper, cancellationToken)).ToBase64(),
            ["proof"] = new JsonArray([.. proof.Select(hash => (JsonNode)hash.ToBase64())]),
        };
    }

    /// <summary>GET /ledger/keys.</summary>
    public JsonObject Keys() => new()
    {
        ["log"] = log.Origin,
        ["keys"] = new JsonArray([.. log.Keys.Select(key => (JsonNode)new JsonObject
        {
            ["vkey"] = key.ToString(),
            ["algorithm"] = "Ed25519",
            ["public_key"] = Convert.ToBase64String(key.PublicKey),
        })]),
    };

    /// <summary>GET /checkpoint.</summary>
    public async Task CheckpointAsync(HttpContext http)
    {
        var head = await reader.HeadAsync(http.RequestAborted);
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        await http.Response.WriteAsync(head.Checkpoint, http.RequestAborted);
    }

    /// <summary>GET /tile/…: hash tiles, which anyone may read and keep.</summary>
    public async Task TileAsync(HttpContext http) =>
        await WriteAsync(http, await FindAsync(http, isBundle: false), "public, max-age=31536000, immutable");

    /// <summary>GET /tile/entries/…: entries, whose reading is an entry itself.</summary>
    public async Task BundleAsync(HttpContext http)
    {
        var bytes = await FindAsync(http, isBundle: true);
        await reads.RecordAsync(
            http, BundleRead, "ledger.entries.read", new Dictionary<string, object?> { ["path"] = http.Request.Path.Value });
        await WriteAsync(http, bytes, "private, max-age=31536000, immutable");
    }

    private async Task<ReadOnlyMemory<byte>> FindAsync(HttpContext http, bool isBundle)
    {
        var isPath = TilePath.TryParse(http.Request.Path.Value?[1..], out var path)
            && (path.Level == TilePath.Entries) == isBundle;
        return isPath && await reader.TileAsync(path, http.RequestAborted) is { } tile
            ? tile
            : throw new RefusedException("ledger.not_found", "", "The log has no such tile at its present size.");
    }

    private static async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> bytes, string caching)
    {
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers.CacheControl = caching;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
