using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class HttpImportSinkTests
{
    private readonly FakeTimeProvider clock = new() { AutoAdvanceAmount = TimeSpan.Zero };

    [Fact]
    public async Task Events_go_as_ndjson_with_the_key_and_come_back_by_line()
    {
        var server = new Answering(_ => Lines(
            """{"line":2,"status":"duplicate","id":"evt_2"}""",
            """{"line":1,"status":"accepted","id":"evt_1"}""",
            """{"line":3,"status":"refused","problem":{"code":"event.too_old","detail":"Too old."}}"""));

        var outcomes = await SendAsync(server, 3);

        Assert.Equal(
            [ImportStatus.Accepted, ImportStatus.Duplicate, ImportStatus.Refused], outcomes.Select(one => one.Status));
        Assert.Equal("event.too_old", outcomes[2].Refusal?.Code);
        Assert.Equal("https://log.example/base/api/v1/events:ingest", server.Requests[0].Address);
        Assert.Equal("Bearer secret", server.Requests[0].Authorization);
        Assert.Equal(3, server.Requests[0].Body.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task An_event_over_several_lines_is_sent_on_one()
    {
        var server = new Answering(_ => Lines("""{"line":1,"status":"accepted"}"""));
        var source = new SourceEvent { Ordinal = 1, Line = 1, ByteOffset = 0, EventJson = "{\r\n \"a\": \"b\\n\"\n}"u8.ToArray() };

        await Sink(server).SendAsync([source], TestContext.Current.CancellationToken);

        Assert.Equal("{   \"a\": \"b\\n\" }\n", server.Requests[0].Body);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A_busy_server_is_asked_again_no_sooner_than_it_says(HttpStatusCode busy)
    {
        var server = new Answering(attempt => attempt == 1
            ? Busy(busy, TimeSpan.FromSeconds(7))
            : Lines("""{"line":1,"status":"accepted"}"""));

        var sending = SendAsync(server, 1);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.False(sending.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ImportStatus.Accepted, Assert.Single(await sending.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Status);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_stays_busy_ends_the_import()
    {
        var server = new Answering(_ => Busy(HttpStatusCode.ServiceUnavailable, TimeSpan.Zero));

        var stopped = await Assert.ThrowsAsync<ImportSinkException>(() => SendAsync(server, 1));

        Assert.Equal("import.server_overloaded", stopped.Code);
        Assert.Equal(HttpImportSink.MaxAttempts, server.Requests.Count);
    }

    [Fact]
    public async Task A_key_that_is_not_let_in_ends_the_import_at_once()
    {
        var server = new Answering(_ => new HttpResponseMessage(HttpStatusCode.Unauthorized)
        {
            Content = new StringContent("""{"code":"access.key_unknown","detail":"The key is unknown."}"""),
        });

        var stopped = await Assert.ThrowsAsync<ImportSinkException>(() => SendAsync(server, 1));

        Assert.Equal("access.key_unknown", stopped.Code);
        Assert.Contains("Check --key", stopped.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", stopped.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_sent_in_halves()
    {
        var server = new Answering(attempt => attempt == 1
            ? new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge)
            : Lines("""{"line":1,"status":"accepted"}""", """{"line":2,"status":"accepted"}"""));

        Assert.Equal(4, (await SendAsync(server, 4)).Count);
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("""{"line":1,"status":"accepted"}""", "import.answer_incomplete")]
    [InlineData("<html>", "import.answer_unreadable")]
    public async Task An_answer_that_does_not_name_every_event_is_not_taken_for_success(string answer, string code)
    {
        var server = new Answering(_ => Lines(answer));

        var stopped = await Assert.ThrowsAsync<ImportSinkException>(() => SendAsync(server, 2));

        Assert.Equal(code, stopped.Code);
    }

    private static HttpResponseMessage Lines(params string[] lines)
        => new(HttpStatusCode.OK) { Content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson") };

    private static HttpResponseMessage Busy(HttpStatusCode status, TimeSpan wait)
    {
        var answer = new HttpResponseMessage(status);
        answer.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(wait);
        return answer;
    }

    private Task<IReadOnlyList<ImportOutcome>> SendAsync(Answering server, int count)
        => Sink(server).SendAsync(
            [.. Enumerable.Range(1, count).Select(n => new SourceEvent { Ordinal = n, Line = n, ByteOffset = 0, EventJson = "{}"u8.ToArray() })],
            TestContext.Current.CancellationToken);

    private HttpImportSink Sink(Answering server)
        => new(new HttpClient(server), new Uri("https://log.example/base"), "secret", clock);

    private sealed record Asked(string? Address, string? Authorization, string Body);

    private sealed class Answering(Func<int, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<Asked> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            Requests.Add(new Asked(request.RequestUri?.AbsoluteUri, request.Headers.Authorization?.ToString(), body));
            return answer(Requests.Count);
        }
    }
}
