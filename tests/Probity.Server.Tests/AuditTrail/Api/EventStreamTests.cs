using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public abstract class EventStreamTests(RunningServer server)
{
    private const string Path = "/api/v1/events:stream";

    [Fact]
    public async Task A_stream_brings_events_as_they_are_recorded()
    {
        var from = await server.SizeAsync();
        await using var stream = await SseReader.OpenAsync(server, $"{Path}?from={from}", null);
        var receipt = await server.RecordAsync("""{"action":"t","actor":{"id":"u","name":"Ana"},"data":{"n":7}}""");

        var (id, view) = await stream.NextAsync(one => one["type"]!.GetValue<string>() == "event");

        Assert.Equal(receipt["seq"]!.GetValue<long>(), id);
        Assert.Equal(receipt["id"]!.GetValue<string>(), view["id"]!.GetValue<string>());
        Assert.Equal("Ana", view["actor"]!["name"]!.GetValue<string>());
        Assert.Equal(7, view["data"]!["n"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_stream_resumes_without_loss_or_repeat_while_events_are_written()
    {
        const int Count = 500;
        var from = await server.SizeAsync();
        var writing = Task.Run(async () =>
        {
            for (var n = 0; n < Count; n++)
            {
                await server.RecordAsync($$$"""{"action":"t.stream","actor":{"id":"u"},"data":{"n":{{{n}}}}}""");
            }
        });
        var (ids, numbers) = (new List<long>(), new List<int>());
        long? last = null;
        var connections = 0;
        while (numbers.Count < Count)
        {
            Assert.True(connections++ < 200, "The stream makes no progress.");
            await using var stream = await SseReader.OpenAsync(server, last is null ? $"{Path}?from={from}" : Path, last);
            for (var n = 0; n < 37 && numbers.Count < Count; n++)
            {
                var (id, view) = await stream.NextAsync(_ => true);
                last = id;
                ids.Add(id);
                if (view["action"]!.GetValue<string>() == "t.stream")
                {
                    numbers.Add(view["data"]!["n"]!.GetValue<int>());
                }
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Count), numbers);
        Assert.Equal(Enumerable.Range(0, ids.Count).Select(n => from + n), ids);
        Assert.True(connections > 10);
    }

    [Theory]
    [InlineData("evt_1")]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    public async Task An_id_that_no_event_of_the_stream_has_is_refused(string last) =>
        (await server.SendAsync(HttpMethod.Get, Path, null, null, ("Last-Event-ID", last)))
            .IsProblem(HttpStatusCode.BadRequest, "query.bad_value");

    [Fact]
    public async Task A_negative_start_is_refused() =>
        (await server.GetAsync(Path + "?from=-1")).IsProblem(HttpStatusCode.BadRequest, "query.bad_value");

    /// <summary>Reads server-sent events; source: HTML standard, section 9.2.6.</summary>
    private sealed class SseReader(HttpResponseMessage response, StreamReader lines) : IAsyncDisposable
    {
        public static async Task<SseReader> OpenAsync(RunningServer server, string path, long? last)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (last is { } id)
            {
                request.Headers.Add("Last-Event-ID", id.ToString(CultureInfo.InvariantCulture));
            }

            var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            return new SseReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        }

        public async Task<(long Id, JsonNode View)> NextAsync(Func<JsonNode, bool> isWanted)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            long id = -1;
            JsonNode? view = null;
            while (await lines.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    id = long.Parse(line[4..], CultureInfo.InvariantCulture);
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    view = JsonNode.Parse(line[6..]);
                }
                else if (line.Length == 0 && view is not null && isWanted(view))
                {
                    return (id, view);
                }
            }

            throw new EndOfStreamException("The stream has ended.");
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
