using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>Reading events leaves an entry; reading hashes leaves none.</summary>
public abstract class ReadTraceTests(RunningServer server)
{
    [Theory]
    [InlineData("/api/v1/events?filter=actor%3Dhush", "probity.events.searched")]
    [InlineData("/api/v1/events/{id}", "probity.events.read")]
    [InlineData("/api/v1/events/{id}/entry", "probity.events.read")]
    [InlineData("/tile/entries/000.p/1", "probity.ledger.entries_read")]
    public async Task A_read_is_one_entry_of_its_type(string path, string type)
    {
        var receipt = await RecordAsync();
        var before = await server.SizeAsync();

        var answer = await server.GetAsync(path.Replace("{id}", receipt["id"]!.GetValue<string>(), StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var entry = Assert.Single(await server.EntriesFromAsync(before));
        Assert.Equal(type, entry["type"]!.GetValue<string>());
        Assert.Equal("api_key", entry["actor"]!["type"]!.GetValue<string>());
        Assert.StartsWith("key_", entry["actor"]!["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", entry.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_says_what_was_asked_and_how_much_was_seen()
    {
        await RecordAsync();
        await server.WaitForIndexAsync();
        var answer = await server.GetAsync("/api/v1/events?page_size=1&filter=actor%3Dhush");
        var entry = (await server.EntriesFromAsync(await server.SizeAsync() - 1)).Single();

        var view = (await server.GetAsync($"/api/v1/events/{entry["id"]}")).Json;

        Assert.Single(answer.Json["events"]!.AsArray());
        Assert.Equal("actor=hush", view["data"]!["filter"]!.GetValue<string>());
        Assert.Equal(1, view["data"]!["count"]!.GetValue<int>());
        Assert.Equal(64, view["data"]!["ids_sha256"]!.GetValue<string>().Length);
    }

    [Fact]
    public async Task A_stream_that_brings_little_is_one_entry()
    {
        var before = await server.SizeAsync();
        using (var response = await server.Http.GetAsync(
            "/api/v1/events:stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await RecordAsync();
            await RecordAsync();
        }

        var entries = await server.EntriesFromAsync(before);
        Assert.Equal(["probity.events.streamed", "event", "event"], entries.Select(e => e["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_stream_tells_at_its_end_what_it_has_delivered()
    {
        const int Count = 12;
        var before = await server.SizeAsync();
        using (var response = await server.Http.GetAsync(
            "/api/v1/events:stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            for (var n = 0; n < Count; n++)
            {
                await RecordAsync();
            }

            using var lines = new StreamReader(
                await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            for (var n = 0; n < Count;)
            {
                var line = await lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
                    .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                n += line?.StartsWith("data: ", StringComparison.Ordinal) is true
                    && line.Contains("\"type\":\"event\"", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        System.Text.Json.Nodes.JsonNode? told = null;
        for (var i = 0; i < 300 && told is null; i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken); // Until the server has noticed the end.
            await server.WaitForIndexAsync();
            foreach (var entry in (await server.EntriesFromAsync(before))
                .Where(e => e["action"]!.GetValue<string>() == "events.stream.delivered"))
            {
                // A stream that was open before may end meanwhile and tell of what came earlier.
                var seen = (await server.GetAsync($"/api/v1/events/{entry["id"]}")).Json;
                told = seen["data"]!["from_sequence"]!.GetValue<long>() >= before
                    && seen["data"]!["count"]!.GetValue<int>() >= Count ? seen : told;
            }
        }

        Assert.NotNull(told);
        var data = told["data"]!;
        var (first, last) = (data["from_sequence"]!.GetValue<long>(), data["to_sequence"]!.GetValue<long>());
        // Others may have recorded meanwhile: what lies between is what was sent, what tells of streams left out.
        var between = (await server.EntriesFromAsync(first)).Where(e => e["seq"]!.GetValue<long>() <= last)
            .Select(e => e["type"]!.GetValue<string>()).Where(type => type != "probity.events.streamed").ToList();
        Assert.True(between.Count(type => type == "event") >= Count, string.Join(' ', between));
        Assert.Equal(between.Count, data["count"]!.GetValue<int>());
        Assert.Equal("probity.events.streamed", told["type"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/api/v1/events/{id}/proof")]
    [InlineData("/api/v1/ledger")]
    [InlineData("/api/v1/ledger/checkpoints")]
    [InlineData("/api/v1/ledger/consistency?from=1")]
    [InlineData("/api/v1/ledger/keys")]
    [InlineData("/checkpoint")]
    [InlineData("/tile/0/000.p/1")]
    [InlineData("/api/v1/event-schemas")]
    [InlineData("/api/v1/api-keys")]
    public async Task A_proof_leaves_no_entry(string path)
    {
        var receipt = await RecordAsync();
        var before = await server.SizeAsync();

        var answer = await server.GetAsync(path.Replace("{id}", receipt["id"]!.GetValue<string>(), StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(before, await server.SizeAsync());
    }

    [Theory]
    [InlineData("/api/v1/events/evt_01890000-0000-7000-8000-000000000000")]
    [InlineData("/api/v1/events?filter=(")]
    public async Task A_read_of_nothing_leaves_no_entry(string path)
    {
        var before = await server.SizeAsync();

        Assert.InRange((int)(await server.GetAsync(path)).Status, 400, 499);

        Assert.Equal(before, await server.SizeAsync());
    }

    private Task<JsonNode> RecordAsync() => server.RecordAsync("""{"action":"t","actor":{"id":"hush"}}""");
}
