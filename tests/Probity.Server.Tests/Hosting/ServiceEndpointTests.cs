using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Probity.Server.Access;
using Probity.Server.Hosting.Health;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class ServiceEndpointTests
{
    [Theory]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/startupz")]
    [InlineData("/version")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs")]
    [InlineData("/errors")]
    public async Task It_answers_without_a_key_to_GET_and_HEAD_with_safe_headers(string path)
    {
        await using var server = await RunningServer.StartAsync();

        using var got = await server.GetAsync(path);
        using var head = await server.SendAsync(HttpMethod.Head, path);

        Assert.Equal(HttpStatusCode.OK, got.StatusCode);
        Assert.NotEmpty(await got.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal("nosniff", got.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("frame-ancestors 'none'", got.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(got.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_failed_check_takes_the_server_out_and_only_an_authorised_caller_learns_why()
    {
        await using var server = await RunningServer.StartAsync(new Failing(), new Working());
        var reader = await server.IssueAsync(Permission.ReadHealth);

        using var anonymous = await server.GetAsync("/readyz?verbose");
        using var authorised = await server.GetAsync("/readyz?verbose", reader);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, anonymous.StatusCode);
        Assert.Equal("not_ready\n", await anonymous.Content.ReadAsStringAsync());
        var view = JsonNode.Parse(await authorised.Content.ReadAsStringAsync())!;
        Assert.Equal("broken", (string?)view["checks"]![0]!["detail"]);
        Assert.Equal("ok", (string?)view["checks"]![1]!["status"]);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/livez")).StatusCode);
    }

    [Fact]
    public async Task The_page_of_the_API_loads_nothing_from_elsewhere()
    {
        await using var server = await RunningServer.StartAsync();

        var html = await server.Client.GetStringAsync("/docs/");

        var loaded = Regex.Matches(html, """(?:src|href)\s*=\s*["']([^"']+)["']|import\s*\(?\s*["']([^"']+)["']""")
            .Select(m => m.Groups[1].Success ? m.Groups[1].Value : m.Groups[2].Value).ToList();
        Assert.NotEmpty(loaded);
        Assert.All(loaded, address =>
        {
            Assert.DoesNotContain("//", address, StringComparison.Ordinal);
            using var response = server.Client.GetAsync(new Uri(new Uri(server.Client.BaseAddress!, "/docs/"), address)).GetAwaiter().GetResult();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        });
        Assert.DoesNotContain("https://", html.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_is_OpenAPI_3_1_and_every_operation_is_named_summarised_and_guarded()
    {
        await using var server = await RunningServer.StartAsync();

        var document = JsonNode.Parse(await server.Client.GetStringAsync("/openapi/v1.json"))!;

        Assert.StartsWith("3.1", (string?)document["openapi"], StringComparison.Ordinal);
        Assert.Equal("bearer", (string?)document["components"]!["securitySchemes"]!["api_key"]!["scheme"]);
        var create = document["paths"]!["/api/v1/api-keys"]!["post"]!;
        Assert.Equal("createApiKey", (string?)create["operationId"]);
        Assert.NotNull(create["summary"]);
        Assert.NotNull(create["security"]![0]!["api_key"]);
        Assert.Equal("core banking", (string?)create["requestBody"]!["content"]!["application/json"]!["example"]!["name"]);
        Assert.Contains("access.key.manage", (string?)create["description"], StringComparison.Ordinal);
        Assert.NotNull(create["responses"]!["default"]!["content"]!["application/problem+json"]);
        Assert.Null(document["paths"]!["/livez"]!["get"]!["security"]);
    }

    private sealed class Failing : IReadinessCheck
    {
        public string Name => "failing";

        public Task<Readiness> CheckAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new Readiness(ReadinessStatus.Failed, "broken"));
    }

    private sealed class Working : IReadinessCheck
    {
        public string Name => "working";

        public Task<Readiness> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(Readiness.Ok);
    }
}
