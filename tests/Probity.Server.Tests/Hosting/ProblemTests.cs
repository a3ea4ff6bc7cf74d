using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class ProblemTests
{
    [Theory]
    [InlineData("GET", "/nowhere", null, null, 404, "request.not_found")]
    [InlineData("DELETE", "/livez", null, null, 405, "request.method_not_allowed")]
    [InlineData("POST", "/test/echo", "{}", "text/plain", 415, "request.unsupported_media_type")]
    [InlineData("POST", "/test/echo", "{\"name\":", "application/json", 400, "json.syntax")]
    [InlineData("POST", "/test/echo", "{\"name\":\"a\",\"number\":\"x\"}", "application/json", 422, "request.bad_field")]
    [InlineData("POST", "/test/echo", "{\"name\":\"a\",\"number\":1,\"more\":1}", "application/json", 422, "request.bad_field")]
    [InlineData("POST", "/test/body", "more than ten bytes", "text/plain", 413, "request.body_too_large")]
    [InlineData("GET", "/test/throws", null, null, 500, "server.unexpected")]
    [InlineData("GET", "/test/refuses", null, null, 503, "ledger.queue_full")]
    [InlineData("GET", "/api/v1/test/read", null, null, 401, "access.unauthenticated")]
    public async Task A_failure_is_a_problem_with_its_code(string method, string path, string? body, string? type, int status, string code)
    {
        await using var server = await RunningServer.StartAsync();
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, type!);

        using var response = await server.SendAsync(new HttpMethod(method), path, body: content);

        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(code, (string?)problem["code"]);
        Assert.Equal(status, (int)problem["status"]!);
        Assert.Equal("/errors#" + code, (string?)problem["type"]);
        Assert.Equal(path, (string?)problem["instance"]);
        Assert.Equal(ErrorCodes.Find(code)!.Title, (string?)problem["title"]);
        Assert.Matches("^[0-9a-f]{32}$", (string?)problem["trace_id"]);
    }

    [Fact]
    public async Task An_unexpected_fault_tells_nothing_of_itself()
    {
        await using var server = await RunningServer.StartAsync();

        var text = await (await server.GetAsync("/test/throws")).Content.ReadAsStringAsync();

        Assert.DoesNotContain("secret detail", text, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_may_pass_says_when_to_try_again()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.GetAsync("/test/refuses");

        Assert.Equal(TimeSpan.FromSeconds(7), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_wrong_method_names_the_right_ones()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.SendAsync(HttpMethod.Put, "/test/echo");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("POST", response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("$.scopes[0]", "/scopes/0")]
    [InlineData("$['odd/na~me'].x", "/odd~1na~0me/x")]
    [InlineData("$", "")]
    [InlineData(null, "")]
    public void A_path_becomes_a_pointer(string? path, string expected) => Assert.Equal(expected, JsonPath.ToPointer(path));

    [Fact]
    public void Codes_are_unique_well_formed_and_say_what_to_do()
    {
        Assert.Equal(ErrorCodes.All.Count, ErrorCodes.All.Select(c => c.Code).Distinct().Count());
        Assert.All(ErrorCodes.All, c =>
        {
            Assert.Matches("^[a-z]+\\.[a-z0-9_]+$", c.Code);
            Assert.InRange(c.Status, 400, 599);
            Assert.EndsWith(".", c.Remedy, StringComparison.Ordinal);
        });
    }
}
