using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Probity.Hammer.Http;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;

namespace Probity.Hammer.Checking;

/// <summary>Reads a log from the outside and believes nothing that its key has not signed. Not thread safe.</summary>
internal sealed class LogClient(LoopbackTarget target, string key) : IDisposable
{
    private readonly RawConnection _connection = new(target);
    private IReadOnlyList<VerifierKey>? _keys;

    /// <summary>The log's keys, asked for once; a later change of keys would be a failure.</summary>
    public async Task<IReadOnlyList<VerifierKey>> KeysAsync(CancellationToken cancellationToken)
    {
        if (_keys is null)
        {
            using var json = await JsonAsync("/api/v1/ledger/keys", cancellationToken);
            _keys = [.. json.RootElement.GetProperty("keys").EnumerateArray()
                .Select(item => VerifierKey.Parse(item.GetProperty("vkey").GetString() ?? ""))];
        }

        return _keys;
    }

    /// <summary>The newest checkpoint, its signature checked.</summary>
    public async Task<Checkpoint> CheckpointAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync("/checkpoint", cancellationToken);
        return await VerifyAsync(answer.Text, cancellationToken);
    }

    /// <summary>The checkpoint in a note that the log's key has signed.</summary>
    /// <exception cref="HammerException">The note is malformed or not signed by the log.</exception>
    public async Task<Checkpoint> VerifyAsync(string note, CancellationToken cancellationToken)
    {
        var keys = await KeysAsync(cancellationToken);
        try
        {
            var signed = SignedNote.Parse(note);
            var checkpoint = Checkpoint.Parse(signed.Text);
            return NoteVerification.Verify(signed, keys) switch
            {
                NoteVerdict.Verified verified when verified.Signatures.Any(s => s.Key.Name == checkpoint.Origin) => checkpoint,
                NoteVerdict.Refused refused => throw new HammerException($"Checkpoint: {refused.Code}."),
                _ => throw new HammerException("Checkpoint: not signed by the log it names."),
            };
        }
        catch (NoteFormatException malformed)
        {
            throw new HammerException($"Checkpoint: {malformed.Message}", malformed);
        }
    }

    public async Task<ReadOnlyMemory<byte>> EntryAsync(string id, CancellationToken cancellationToken) =>
        (await GetAsync($"/api/v1/events/{id}/entry", cancellationToken)).Body;

    public async Task<TlogProof> ProofAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"/api/v1/events/{id}/proof", cancellationToken, "text/plain");
        try
        {
            return TlogProof.Parse(answer.Text);
        }
        catch (NoteFormatException malformed)
        {
            throw new HammerException($"Proof of {id}: {malformed.Message}", malformed);
        }
    }

    public async Task<IReadOnlyList<Digest>> ConsistencyAsync(long from, long to, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/ledger/consistency?from={from}&to={to}");
        using var json = await JsonAsync(path, cancellationToken);
        return [.. json.RootElement.GetProperty("proof").EnumerateArray()
            .Select(hash => Digest.From(hash.GetBytesFromBase64()))];
    }

    /// <summary>The entries of one bundle; they lie in the connection's buffer until the next request.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> BundleAsync(
        TilePath bundle, CancellationToken cancellationToken)
    {
        var answer = await GetAsync("/" + bundle, cancellationToken);
        try
        {
            return EntryBundle.Read(answer.Body, bundle.Width);
        }
        catch (FormatException malformed)
        {
            throw new HammerException($"{bundle}: {malformed.Message}", malformed);
        }
    }

    /// <summary>The answer of the server's own verification.</summary>
    public async Task<JsonDocument> VerifyLedgerAsync(CancellationToken cancellationToken)
    {
        const string Path = "/api/v1/ledger:verify";
        var answer = await _connection.SendAsync(RequestBytes.Post(target, Path, key, "{}"u8), cancellationToken);
        return Parse(Path, answer);
    }

    public void Dispose() => _connection.Dispose();

    private async Task<JsonDocument> JsonAsync(string path, CancellationToken cancellationToken) =>
        Parse(path, await GetAsync(path, cancellationToken));

    private async Task<RawAnswer> GetAsync(string path, CancellationToken cancellationToken, string accept = "*/*")
    {
        var answer = await GetOnceMoreAsync(path, accept, cancellationToken);
        return answer.IsSuccess ? answer : throw new HammerException($"GET {path} answered {answer.Status}.");
    }

    /// <summary>A connection that was kept open breaks when the server is started again; reading twice changes nothing.</summary>
    private async Task<RawAnswer> GetOnceMoreAsync(string path, string accept, CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.GetAsync(path, key, cancellationToken, accept);
        }
        catch (SocketException)
        {
            return await _connection.GetAsync(path, key, cancellationToken, accept);
        }
    }

    private static JsonDocument Parse(string path, RawAnswer answer)
    {
        try
        {
            return answer.IsSuccess
                ? JsonDocument.Parse(answer.Body.ToArray()) // The document outlives the connection's buffer.
                : throw new HammerException($"{path} answered {answer.Status}: {answer.Text}");
        }
        catch (JsonException malformed)
        {
            throw new HammerException($"{path} did not answer JSON.", malformed);
        }
    }
}
