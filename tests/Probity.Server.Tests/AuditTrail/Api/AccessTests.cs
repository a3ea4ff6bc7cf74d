using System.Net;
using System.Text;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public sealed class AccessTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Event = """{"action":"t","actor":{"id":"u-1"}}""";

    public static TheoryData<string, string> Guarded => new()
    {
        { "POST", "/api/v1/events" },
        { "POST", "/api/v1/events:batchCreate" },
        { "POST", "/api/v1/events:ingest" },
        { "GET", "/api/v1/events" },
        { "GET", "/api/v1/events:stream" },
        { "GET", "/api/v1/events/{id}" },
        { "GET", "/api/v1/events/{id}/entry" },
        { "GET", "/api/v1/events/{id}/proof" },
        { "POST", "/api/v1/ledger:verify" },
        { "GET", "/api/v1/event-schemas" },
        { "PUT", "/api/v1/event-schemas/t" },
        { "DELETE", "/api/v1/event-schemas/t" },
        { "GET", "/api/v1/api-keys" },
        { "POST", "/api/v1/api-keys" },
        { "GET", "/tile/entries/000" },
        { "GET", "/tile/entries/000.p/1" },
    };

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Without_a_key_there_is_no_answer_and_no_entry(string method, string path)
    {
        var receipt = await server.RecordAsync(Event);
        var size = await server.SizeAsync();
        var at = path.Replace("{id}", receipt["id"]!.GetValue<string>(), StringComparison.Ordinal);
        var body = method == "GET" ? null : Encoding.UTF8.GetBytes(Event);

        var none = await server.SendAsync(new HttpMethod(method), at, body, server.Anonymous);
        using var wrong = server.ClientWith("pk_" + new string('A', 50));
        var unknown = await server.SendAsync(new HttpMethod(method), at, body, wrong);

        none.IsProblem(HttpStatusCode.Unauthorized, "access.unauthenticated");
        unknown.IsProblem(HttpStatusCode.Unauthorized, "access.unauthenticated");
        Assert.StartsWith("Bearer", none.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.DoesNotContain("u-1", none.Text, StringComparison.Ordinal);
        Assert.Equal(size, await server.SizeAsync());
    }

    [Fact]
    public async Task A_key_does_what_its_scopes_say_and_no_more()
    {
        var receipt = await server.RecordAsync(Event);
        var (_, append) = await server.NewKeyAsync("ledger.event.append");
        var (_, read) = await server.NewKeyAsync("ledger.entry.read");
        using var writer = server.ClientWith(append);
        using var reader = server.ClientWith(read);
        var size = await server.SizeAsync();

        (await server.SendAsync(HttpMethod.Post, "/api/v1/events", Encoding.UTF8.GetBytes(Event), reader))
            .IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        (await server.GetAsync($"/api/v1/events/{receipt["id"]}", writer)).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        (await server.GetAsync("/api/v1/events", writer)).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        (await server.GetAsync("/tile/entries/000.p/1", writer)).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        (await server.GetAsync("/api/v1/api-keys", reader)).IsProblem(HttpStatusCode.Forbidden, "access.forbidden");
        Assert.Equal(
            Enumerable.Repeat("probity.access.denied", 5),
            (await server.EntriesFromAsync(size)).Select(entry => entry["type"]!.GetValue<string>()));

        var written = await server.SendAsync(HttpMethod.Post, "/api/v1/events", Encoding.UTF8.GetBytes(Event), writer);
        var seen = await server.GetAsync($"/api/v1/events/{receipt["id"]}", reader);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (written.Status, seen.Status));
    }

    [Fact]
    public async Task A_revoked_key_does_nothing_from_then_on()
    {
        var (id, secret) = await server.NewKeyAsync("ledger.event.append");
        using var client = server.ClientWith(secret);
        var body = Encoding.UTF8.GetBytes(Event);
        Assert.Equal(HttpStatusCode.Created, (await server.SendAsync(HttpMethod.Post, "/api/v1/events", body, client)).Status);

        var revoked = await server.SendAsync(HttpMethod.Delete, "/api/v1/api-keys/" + id);
        var after = await server.SendAsync(HttpMethod.Post, "/api/v1/events", body, client);

        Assert.Equal(HttpStatusCode.NoContent, revoked.Status);
        after.IsProblem(HttpStatusCode.Unauthorized, "access.key_revoked");
    }

    [Fact]
    public async Task A_key_cannot_give_what_it_lacks()
    {
        var (_, secret) = await server.NewKeyAsync("access.key.manage");
        using var client = server.ClientWith(secret);

        var answer = await server.SendAsync(
            HttpMethod.Post, "/api/v1/api-keys", """{"name":"x","scopes":["ledger.entry.read"]}"""u8.ToArray(), client);

        answer.IsProblem(HttpStatusCode.Forbidden, "access.scope_escalation");
    }
}
