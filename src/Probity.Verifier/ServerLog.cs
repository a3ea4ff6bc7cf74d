using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;

namespace Probity.Verifier;

/// <summary>
/// A running server, read through the public paths of C2SP tlog-tiles. Entries need an API key. Answers are bounded and
/// redirects are not followed, so that an API key is never sent elsewhere.
/// </summary>
internal sealed class ServerLog : IAuditedLog, ITileReader, IDisposable
{
    private const int MaxBundleBytes = TilePath.FullWidth * (sizeof(ushort) + EntryBundle.MaxEntryBytes);

    private readonly HttpClient _client;
    private string _note = string.Empty;
    private long _size;

    public ServerLog(Uri url, string? apiKey)
    {
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
        })
        {
            BaseAddress = new Uri(url.ToString().TrimEnd('/') + "/"),
            MaxResponseContentBufferSize = MaxBundleBytes,
            Timeout = TimeSpan.FromSeconds(30),
        };
        HasEntries = apiKey is not null;
        if (apiKey is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    public string Origin { get; private set; } = string.Empty;

    /// <summary>Whether entries can be read.</summary>
    public bool HasEntries { get; }

    public bool HasTiles => true;

    public bool HasPartialTiles => true;

    /// <summary>Reads the checkpoint once; everything else is read at its size, while the server goes on.</summary>
    public async Task<string> OpenAsync(CancellationToken cancellationToken)
    {
        _note = await _client.GetStringAsync("checkpoint", cancellationToken);
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(_note).Text);
        Origin = checkpoint.Origin;
        _size = checkpoint.Size;
        return _note;
    }

    public async Task<IReadOnlyList<VerifierKey>> ReadKeysAsync(CancellationToken cancellationToken)
    {
        var bytes = await _client.GetByteArrayAsync("api/v1/ledger/keys", cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var keys = json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.GetProperty("keys")
                : json.RootElement;
            return [.. keys.EnumerateArray().Select(k => VerifierKey.Parse(k.GetProperty("vkey").GetString() ?? string.Empty))];
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or JsonException)
        {
            throw new FormatException("The server's keys are not an array of objects with a vkey.", e);
        }
    }

    public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<AuditedHead?>(new AuditedHead(_note));

    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var path in TileLayout.EntryBundles(_size))
        {
            var bundle = await _client.GetByteArrayAsync(path.ToString(), cancellationToken);
            var first = path.Index * TilePath.FullWidth;
            var entries = EntryBundle.Read(bundle, path.Width);
            yield return new AuditedBatch(entries.Select((e, i) => new AuditedEntry(first + i, default, e)).ToArray());
        }
    }

    public async IAsyncEnumerable<AuditedTile> ReadTilesAsync(
        int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var path in TileLayout.HashTiles(_size).Where(t => t.Level == level))
        {
            var hashes = await _client.GetByteArrayAsync(path.ToString(), cancellationToken);
            yield return new AuditedTile(path.Index, default, hashes);
        }
    }

    public async IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Former checkpoints have no place among the paths of tlog-tiles; those that matter are kept elsewhere.
        await Task.CompletedTask;
        yield break;
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
        int level, long index, int width, CancellationToken cancellationToken) =>
        await _client.GetByteArrayAsync(new TilePath(level, index, width).ToString(), cancellationToken);

    public void Dispose() => _client.Dispose();
}
