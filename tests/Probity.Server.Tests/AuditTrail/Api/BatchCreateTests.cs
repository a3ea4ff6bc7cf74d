using System.Net;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public abstract class BatchCreateTests(RunningServer server)
{
    private const string Path = "/api/v1/events:batchCreate";

    [Fact]
    public async Task A_batch_is_recorded_in_order()
    {
        var before = await server.SizeAsync();

        var answer = await server.PostAsync(Path, Batch(1_000));

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var places = answer.Json["events"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 1_000).Select(n => before + n), places.Select(p => p!["seq"]!.GetValue<long>()));
        var entries = await server.EntriesFromAsync(before);
        Assert.Equal(Enumerable.Range(0, 1_000).Select(n => $"u-{n}"), entries.Select(e => e["actor"]!["id"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"action":"t","actor":{}}""", "event.missing_field", "/events/3/actor/id")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"x":1}""", "event.unknown_field", "/events/3/x")]
    [InlineData("7", "event.bad_field", "/events/3")]
    [InlineData("null", "event.bad_field", "/events/3")]
    public async Task One_bad_event_and_nothing_is_written(string bad, string code, string pointer)
    {
        var before = await server.SizeAsync();

        var answer = await server.PostAsync(Path, $$"""{"events":[{{Event(0)}},{{Event(1)}},{{Event(2)}},{{bad}},{{Event(4)}}]}""");

        answer.IsProblem(HttpStatusCode.UnprocessableEntity, code, pointer);
        Assert.Equal(before, await server.SizeAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public async Task A_batch_has_from_1_to_1000_events(int count)
    {
        var before = await server.SizeAsync();

        (await server.PostAsync(Path, Batch(count))).IsProblem(HttpStatusCode.UnprocessableEntity, "event.bad_field", count == 0 ? null : "/events");

        Assert.Equal(before, await server.SizeAsync());
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    [InlineData("""{"events":7}""")]
    public async Task What_is_no_batch_is_refused(string body) =>
        (await server.PostAsync(Path, body)).IsProblem(HttpStatusCode.UnprocessableEntity, "event.bad_field");

    [Fact]
    public async Task A_batch_with_another_member_is_refused() =>
        (await server.PostAsync(Path, $$"""{"events":[{{Event(0)}}],"atomic":false}"""))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "event.unknown_field", "/atomic");

    [Fact]
    public async Task An_external_id_known_with_other_content_refuses_the_whole_batch()
    {
        await server.RecordAsync("""{"action":"t","actor":{"id":"u"},"source":"b","external_id":"1","data":{"n":1}}""");
        var before = await server.SizeAsync();

        var answer = await server.PostAsync(
            Path, $$$"""{"events":[{{{Event(0)}}},{"action":"t","actor":{"id":"u"},"source":"b","external_id":"1","data":{"n":2}}]}""");

        answer.IsProblem(HttpStatusCode.Conflict, "event.external_id_reused");
        Assert.Equal(before, await server.SizeAsync());
    }

    [Fact]
    public async Task An_external_id_known_with_the_same_content_is_marked_in_the_batch()
    {
        const string Known = """{"action":"t","actor":{"id":"u"},"source":"b","external_id":"2"}""";
        var first = await server.RecordAsync(Known);

        var answer = await server.PostAsync(Path, $$"""{"events":[{{Event(0)}},{{Known}}]}""");

        var places = answer.Json["events"]!.AsArray();
        Assert.Null(places[0]!["duplicate"]);
        Assert.True(places[1]!["duplicate"]!.GetValue<bool>());
        Assert.Equal(first["id"]!.GetValue<string>(), places[1]!["id"]!.GetValue<string>());
    }

    private static string Event(int number) => $$$"""{"action":"t","actor":{"id":"u-{{{number}}}"}}""";

    private static string Batch(int count) => $$"""{"events":[{{string.Join(',', Enumerable.Range(0, count).Select(Event))}}]}""";
}
