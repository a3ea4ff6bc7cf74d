using System.Net;
using System.Text.Json.Nodes;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>What an outsider checks with: checkpoints, tiles, consistency.</summary>
public abstract class LedgerPathsTests(RunningServer server)
{
    [Fact]
    public async Task The_tree_of_the_hash_tiles_is_that_of_the_checkpoint()
    {
        var checkpoint = await CheckpointAsync();
        await server.RecordAsync("""{"action":"t.later","actor":{"id":"u"}}""");

        var levels = new Dictionary<int, List<Digest>>();
        foreach (var path in TileLayout.HashTiles(checkpoint.Size))
        {
            var tile = await server.GetAsync("/" + path, server.Anonymous);
            Assert.True(tile.Status == HttpStatusCode.OK, $"{path}: {tile.Status}");
            Assert.Equal(path.Width * Digest.Length, tile.Bytes.Length);
            Assert.Contains("immutable", tile.Headers["Cache-Control"], StringComparison.Ordinal);
            var level = levels.TryGetValue(path.Level, out var known) ? known : levels[path.Level] = [];
            level.AddRange(tile.Bytes.Chunk(Digest.Length).Select(hash => Digest.From(hash)));
        }

        Assert.True(levels.Count >= 2);
        Assert.Equal(checkpoint.Size, levels[0].Count);
        Assert.Equal(checkpoint.Root, RootOf(levels[0]));
        for (var level = 1; level < levels.Count; level++)
        {
            Assert.Equal(
                levels[level - 1].Chunk(TilePath.FullWidth).Where(tile => tile.Length == TilePath.FullWidth).Select(RootOf),
                levels[level]);
        }
    }

    [Fact]
    public async Task The_entries_of_the_bundles_hash_to_the_leaves()
    {
        var checkpoint = await CheckpointAsync();
        var leaves = new List<Digest>();
        foreach (var path in TileLayout.EntryBundles(checkpoint.Size))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/" + path, server.Anonymous)).Status);
            var bundle = await server.GetAsync("/" + path);
            Assert.True(bundle.Status == HttpStatusCode.OK, $"{path}: {bundle.Status}");
            leaves.AddRange(EntryBundle.Read(bundle.Bytes, path.Width).Select(entry => MerkleHash.Leaf(entry.Span)));
        }

        Assert.Equal(checkpoint.Root, RootOf(leaves));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 600)]
    [InlineData(255, 256)]
    [InlineData(256, 257)]
    [InlineData(256, 512)]
    [InlineData(300, 301)]
    [InlineData(511, 600)]
    [InlineData(600, 600)]
    public async Task A_consistency_proof_verifies(long from, long to)
    {
        var answer = await server.GetAsync($"/api/v1/ledger/consistency?from={from}&to={to}", server.Anonymous);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.True(Verifies(answer.Json, from, to));
    }

    [Fact]
    public async Task A_proof_without_an_end_goes_to_the_newest_checkpoint()
    {
        var checkpoint = await CheckpointAsync();

        var answer = (await server.GetAsync("/api/v1/ledger/consistency?from=77", server.Anonymous)).Json;

        Assert.Equal(checkpoint.Size, answer["to"]!.GetValue<long>());
        Assert.Equal(checkpoint.Root.ToBase64(), answer["to_root"]!.GetValue<string>());
        Assert.True(Verifies(answer, 77, checkpoint.Size));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 600)]
    public async Task From_the_empty_tree_the_proof_is_empty(long from, long to)
    {
        var answer = (await server.GetAsync($"/api/v1/ledger/consistency?from={from}&to={to}", server.Anonymous)).Json;

        Assert.Empty(answer["proof"]!.AsArray());
        Assert.Equal(MerkleHash.Empty.ToBase64(), answer["from_root"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?to=5")]
    [InlineData("?from=-1")]
    [InlineData("?from=5&to=4")]
    [InlineData("?from=0&to=99999999")]
    [InlineData("?from=99999999")]
    [InlineData("?from=x")]
    [InlineData("?from=1&to=99999999999999999999999")]
    public async Task A_range_outside_the_log_is_refused(string query) =>
        Assert.Equal(
            HttpStatusCode.BadRequest, (await server.GetAsync("/api/v1/ledger/consistency" + query, server.Anonymous)).Status);

    [Theory]
    [InlineData("/tile/0/001.p/0")]
    [InlineData("/tile/0/001.p/256")]
    [InlineData("/tile/0/1")]
    [InlineData("/tile/0/999")]
    [InlineData("/tile/0/x001/999/000")]
    [InlineData("/tile/1/000")]
    [InlineData("/tile/1/000.p/200")]
    [InlineData("/tile/5/000.p/1")]
    [InlineData("/tile/63/000.p/1")]
    [InlineData("/tile/64/000")]
    [InlineData("/tile/99999999999/000")]
    [InlineData("/tile/00/000")]
    [InlineData("/tile/x/000")]
    [InlineData("/tile/0/")]
    [InlineData("/tile/0/000/")]
    [InlineData("/tile/0/000.p/1/2")]
    [InlineData("/tile/-1/000")]
    public async Task An_unknown_tile_is_not_found(string path)
    {
        var answer = await server.GetAsync(path, server.Anonymous);

        Assert.True(answer.Status == HttpStatusCode.NotFound, $"{answer.Status} {answer.Text}");
        Assert.EndsWith("not_found", answer.Code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tile/entries/999")]
    [InlineData("/tile/entries/000.p/0")]
    [InlineData("/tile/entries/")]
    public async Task An_unknown_bundle_is_not_found_and_leaves_no_entry(string path)
    {
        var before = await server.SizeAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(path)).Status);

        Assert.Equal(before, await server.SizeAsync());
    }

    [Fact]
    public async Task Checkpoints_are_listed_newest_first_and_each_is_signed()
    {
        var keys = (await server.GetAsync("/api/v1/ledger/keys", server.Anonymous)).Json["keys"]!.AsArray();
        var known = keys.Select(key => VerifierKey.Parse(key!["vkey"]!.GetValue<string>())).ToList();
        for (var n = 0; n < 5; n++)
        {
            await server.RecordAsync("""{"action":"t","actor":{"id":"u"}}""");
        }

        var sizes = new List<long>();
        string? token = null;
        do
        {
            var page = (await server.GetAsync(
                "/api/v1/ledger/checkpoints?page_size=2" + (token is null ? "" : "&page_token=" + token), server.Anonymous)).Json;
            foreach (var one in page["checkpoints"]!.AsArray())
            {
                var note = SignedNote.Parse(one!["note"]!.GetValue<string>());
                Assert.IsType<NoteVerdict.Verified>(NoteVerification.Verify(note, known));
                Assert.Equal(one["size"]!.GetValue<long>(), Checkpoint.Parse(note.Text).Size);
                sizes.Add(one["size"]!.GetValue<long>());
            }

            token = page["next_page_token"]?.GetValue<string>();
        }
        while (token is not null);

        Assert.True(sizes.Count > 5);
        Assert.Equal(sizes.Distinct().OrderDescending(), sizes);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.GetAsync("/api/v1/ledger/checkpoints?page_token=x", server.Anonymous)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.GetAsync("/api/v1/ledger/checkpoints?page_size=-1", server.Anonymous)).Status);
    }

    [Fact]
    public async Task A_verification_on_request_finds_the_log_sound_and_takes_outside_checkpoints()
    {
        var note = (await server.GetAsync("/checkpoint", server.Anonymous)).Text;

        var sound = await server.PostAsync("/api/v1/ledger:verify", new JsonObject { ["checkpoints"] = new JsonArray(note) }.ToJsonString());
        var empty = await server.SendAsync(HttpMethod.Post, "/api/v1/ledger:verify", []);

        foreach (var answer in new[] { sound, empty })
        {
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
            Assert.True(answer.Json["sound"]!.GetValue<bool>(), answer.Text);
            Assert.Empty(answer.Json["findings"]!.AsArray());
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await server.PostAsync("/api/v1/ledger:verify", """{"checkpoints":[7]}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("/api/v1/ledger:verify", "{")).Status);
    }

    private static Digest RootOf(IEnumerable<Digest> leaves)
    {
        var tree = new Frontier();
        foreach (var leaf in leaves)
        {
            tree.Append(leaf);
        }

        return tree.Root();
    }

    private static bool Verifies(JsonNode answer, long from, long to)
    {
        Digest Read(JsonNode? hash) => Digest.From(Convert.FromBase64String(hash!.GetValue<string>()));
        return ConsistencyProof.Verify(
            from, to, Read(answer["from_root"]), Read(answer["to_root"]), [.. answer["proof"]!.AsArray().Select(Read)]);
    }

    private async Task<Checkpoint> CheckpointAsync()
    {
        var keys = (await server.GetAsync("/api/v1/ledger/keys", server.Anonymous)).Json["keys"]!.AsArray();
        var answer = await server.GetAsync("/checkpoint", server.Anonymous);
        Assert.StartsWith("text/plain", answer.Headers["Content-Type"], StringComparison.Ordinal);
        var note = SignedNote.Parse(answer.Bytes);
        Assert.IsType<NoteVerdict.Verified>(
            NoteVerification.Verify(note, [.. keys.Select(key => VerifierKey.Parse(key!["vkey"]!.GetValue<string>()))]));
        return Checkpoint.Parse(note.Text);
    }

    /// <summary>Gives a log full tiles, a partial one, and a second level.</summary>
    private static async Task FillAsync(RunningServer server)
    {
        var lines = string.Concat(Enumerable.Range(0, 650).Select(n => $$$"""{"action":"t","actor":{"id":"u-{{{n}}}"}}""" + "\n"));
        var answer = await server.PostAsync("/api/v1/events:ingest", lines);
        Assert.Equal(650, answer.Lines[^1]["summary"]!["accepted"]!.GetValue<int>());
    }

    public sealed class FilledServer : RunningServer
    {
        protected override Task StartedAsync() => FillAsync(this);
    }

    public sealed class FilledPostgresServer(SharedPostgres postgres) : PostgresRunningServer(postgres)
    {
        protected override Task StartedAsync() => FillAsync(this);
    }
}
