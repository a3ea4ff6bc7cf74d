using System.Net;
using System.Text;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public sealed class EnforcedSchemaTests(EnforcedSchemaTests.EnforcingServer server) : IClassFixture<EnforcedSchemaTests.EnforcingServer>
{
    [Fact]
    public async Task An_event_must_match_the_schema_of_its_action()
    {
        await SchemaSamples.PutAsync(server);
        var before = await server.SizeAsync();

        (await server.PostEventAsync(SchemaSamples.Event("\"x\""))).IsProblem(
            HttpStatusCode.UnprocessableEntity, "event.schema_violation", "/data/amount");
        (await server.PostEventAsync("""{"action":"pay","actor":{"id":"u"},"data":{}}""")).IsProblem(
            HttpStatusCode.UnprocessableEntity, "event.schema_violation", "/data/amount");
        (await server.PostEventAsync("""{"action":"pay","actor":{"id":"u"},"data":{"amount":1,"lines":[{"n":1},{"n":"x"}]}}""")).IsProblem(
            HttpStatusCode.UnprocessableEntity, "event.schema_violation", "/data/lines/1/n");
        (await server.PostAsync(
            "/api/v1/events:batchCreate", $$"""{"events":[{{SchemaSamples.Event("1")}},{{SchemaSamples.Event("\"x\"")}}]}""")).IsProblem(
            HttpStatusCode.UnprocessableEntity, "event.schema_violation", "/events/1/data/amount");
        Assert.Equal(before, await server.SizeAsync());

        var lines = (await server.PostAsync(
            "/api/v1/events:ingest", SchemaSamples.Event("\"x\"") + "\n" + SchemaSamples.Event("2"))).Lines;
        Assert.Equal("/data/amount", lines[0]["problem"]!["pointer"]!.GetValue<string>());
        Assert.Equal("accepted", lines[1]["status"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Created, (await server.PostEventAsync(SchemaSamples.Event("1"))).Status);
        Assert.Equal(HttpStatusCode.Created, (await server.PostEventAsync("""{"action":"other","actor":{"id":"u"}}""")).Status);
    }

    [Fact]
    public async Task A_schema_is_set_read_and_removed_and_each_change_is_an_entry()
    {
        const string Path = "/api/v1/event-schemas/refund";
        var before = await server.SizeAsync();

        var put = await server.SendAsync(HttpMethod.Put, Path, Encoding.UTF8.GetBytes(SchemaSamples.Schema));
        var get = await server.GetAsync(Path);
        var again = await server.SendAsync(HttpMethod.Put, Path, """{"type":"object"}"""u8.ToArray());
        var delete = await server.SendAsync(HttpMethod.Delete, Path);

        Assert.Equal(HttpStatusCode.OK, put.Status);
        Assert.Equal("refund", get.Json["action"]!.GetValue<string>());
        Assert.Equal((1, 2), (put.Json["version"]!.GetValue<int>(), again.Json["version"]!.GetValue<int>()));
        Assert.Equal(HttpStatusCode.NoContent, delete.Status);
        (await server.GetAsync(Path)).IsProblem(HttpStatusCode.NotFound, "event.schema_not_found");
        (await server.SendAsync(HttpMethod.Delete, Path)).IsProblem(HttpStatusCode.NotFound, "event.schema_not_found");
        Assert.Equal(
            ["probity.events.schema_set", "probity.events.schema_set", "probity.events.schema_removed"],
            (await server.EntriesFromAsync(before)).Select(e => e["type"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"$ref":"https://example.com/schema.json"}""")]
    [InlineData("""[]""")]
    [InlineData("7")]
    [InlineData("""{"properties":{"a":{"$ref":"#/nowhere"}}}""")]
    [InlineData("{")]
    public async Task What_is_no_schema_is_refused(string body)
    {
        var before = await server.SizeAsync();

        var answer = await server.SendAsync(HttpMethod.Put, "/api/v1/event-schemas/bad", Encoding.UTF8.GetBytes(body));

        Assert.True((int)answer.Status is >= 400 and < 500, answer.Text);
        Assert.Equal(before, await server.SizeAsync());
    }

    public sealed class EnforcingServer : RunningServer
    {
        protected override string EventSchemas => "enforce";
    }
}

public sealed class WarningSchemaTests(WarningSchemaTests.WarningServer server) : IClassFixture<WarningSchemaTests.WarningServer>
{
    [Fact]
    public async Task An_event_that_violates_its_schema_is_taken_and_counted()
    {
        await SchemaSamples.PutAsync(server);

        Assert.Equal(HttpStatusCode.Created, (await server.PostEventAsync(SchemaSamples.Event("\"x\""))).Status);

        Assert.Contains("violation", (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    public sealed class WarningServer : RunningServer
    {
        protected override string EventSchemas => "warn";
    }
}

internal static class SchemaSamples
{
    public const string Schema = """
        {"type":"object","required":["data"],"properties":{"data":{"type":"object","required":["amount"],
         "properties":{"amount":{"type":"number"},
                       "lines":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}}}}}}}}
        """;

    public static string Event(string amount) => $$$"""{"action":"pay","actor":{"id":"u"},"data":{"amount":{{{amount}}}}}""";

    public static async Task PutAsync(RunningServer server) => Assert.Equal(
        HttpStatusCode.OK,
        (await server.SendAsync(HttpMethod.Put, "/api/v1/event-schemas/pay", Encoding.UTF8.GetBytes(Schema))).Status);
}
