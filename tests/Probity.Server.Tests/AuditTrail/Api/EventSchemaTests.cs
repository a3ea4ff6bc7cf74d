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

    [Theory]
    [InlineData("a.b", "/data/a.b")]
    [InlineData("a/b", "/data/a~1b")]
    [InlineData("a~b", "/data/a~0b")]
    [InlineData("a~1b", "/data/a~01b")]
    [InlineData("a[0]", "/data/a[0]")]
    [InlineData("a'b c", "/data/a'b c")]
    [InlineData("0", "/data/0")]
    public async Task The_pointer_to_a_violation_is_right_for_any_name(string name, string pointer)
    {
        var schema = """{"properties":{"data":{"properties":{"NAME":{"type":"integer"},"list":{"items":{"required":["NAME"]}}}}}}"""
            .Replace("NAME", name, StringComparison.Ordinal);
        var put = await server.SendAsync(HttpMethod.Put, "/api/v1/event-schemas/odd", Encoding.UTF8.GetBytes(schema));
        Assert.Equal(HttpStatusCode.OK, put.Status);

        (await server.PostEventAsync(Odd(name, "\"x\""))).IsProblem(
            HttpStatusCode.UnprocessableEntity, "event.schema_violation", pointer);
        (await server.PostEventAsync("""{"action":"odd","actor":{"id":"u"},"data":{"list":[{}]}}""")).IsProblem(
            HttpStatusCode.UnprocessableEntity, "event.schema_violation",
            pointer.Replace("/data/", "/data/list/0/", StringComparison.Ordinal));
        Assert.Equal(
            HttpStatusCode.Created,
            (await server.PostEventAsync(Odd(name, "1"))).Status);
    }

    private static string Odd(string name, string value) =>
        "{\"action\":\"odd\",\"actor\":{\"id\":\"u\"},\"data\":{\"" + name + "\":" + value + "}}";

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
