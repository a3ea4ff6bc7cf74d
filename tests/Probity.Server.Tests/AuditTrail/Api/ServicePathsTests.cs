using System.Net;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public sealed class ServicePathsTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/startupz")]
    [InlineData("/version")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/errors")]
    public async Task A_service_path_answers_without_a_key_and_leaves_no_entry(string path)
    {
        var before = await server.SizeAsync();

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path, server.Anonymous)).Status);

        Assert.Equal(before, await server.SizeAsync());
    }

    [Fact]
    public async Task The_documentation_is_bundled()
    {
        var answer = await server.GetAsync("/docs", server.Anonymous);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.DoesNotContain("https://cdn.", answer.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=\"http", answer.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Metrics_count_what_was_appended()
    {
        await server.RecordAsync("""{"action":"t","actor":{"id":"u"}}""");

        var answer = await server.GetAsync("/metrics");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("probity_ledger_appended", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_lists_every_path()
    {
        var paths = (await server.GetAsync("/openapi/v1.json", server.Anonymous)).Json["paths"]!.AsObject().Select(p => p.Key).ToList();

        Assert.All(
            [
                "/api/v1/events", "/api/v1/events:batchCreate", "/api/v1/events:ingest", "/api/v1/events:stream",
                "/api/v1/events/{id}", "/api/v1/events/{id}/entry", "/api/v1/events/{id}/proof", "/api/v1/ledger",
                "/api/v1/ledger/checkpoints", "/api/v1/ledger/consistency", "/api/v1/ledger/keys", "/api/v1/ledger:verify",
                "/api/v1/event-schemas", "/api/v1/event-schemas/{action}", "/api/v1/api-keys", "/checkpoint",
            ],
            path => Assert.Contains(path, paths));
        Assert.Contains(paths, path => path.StartsWith("/tile/entries/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "request.not_found")]
    [InlineData("GET", "/api/v1/nowhere", HttpStatusCode.NotFound, "request.not_found")]
    [InlineData("DELETE", "/api/v1/events", HttpStatusCode.MethodNotAllowed, "request.method_not_allowed")]
    public async Task A_path_or_method_that_is_not_there_is_a_problem(string method, string path, HttpStatusCode status, string code) =>
        (await server.SendAsync(new HttpMethod(method), path)).IsProblem(status, code);
}
