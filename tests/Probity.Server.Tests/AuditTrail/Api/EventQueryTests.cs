using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public abstract class EventQueryTests(RunningServer server)
{
    private static readonly string[] Events =
    [
        """{"action":"payment.approve","actor":{"id":"ana","name":"Ana Diaz","role":"approver","session":"s1"},"targets":[{"type":"payment","id":"p-1"}],"occurred_at":"2020-01-01T10:00:00Z","data":{"n":0}}""",
        """{"action":"payment.reject","actor":{"id":"bo","session":"s2"},"targets":[{"type":"payment","id":"p-2"},{"type":"account","id":"a-1"}],"outcome":"denied","reason":"Limit überschritten","occurred_at":"2020-01-02T10:00:00Z","data":{"n":1}}""",
        """{"action":"user.login","actor":{"id":"ana","session":"s3"},"outcome":"failure","type":"bank.access","context":{"user_agent":"Mozilla Firefox"},"occurred_at":"2020-01-02T11:00:00+02:00","data":{"n":2}}""",
        """{"action":"user.login","actor":{"id":"cy","on_behalf_of":"ana","session":"s1"},"before":{"colour":"vermilion"},"occurred_at":"2020-02-01T00:00:00Z","data":{"n":3}}""",
        """{"action":"payment.approve.bulk","actor":{"id":"an"},"outcome":"unknown","context":{"service":"core","request_id":"r-7"},"data":{"n":4,"memo":"zephyrine"}}""",
    ];

    [Theory]
    [InlineData("actor=ana", "2 0")]
    [InlineData("actor=an", "4")]
    [InlineData("actor:an*", "4 2 0")]
    [InlineData("session=s1", "3 0")]
    [InlineData("role=approver", "0")]
    [InlineData("on_behalf_of=ana", "3")]
    [InlineData("action=payment.*", "4 1 0")]
    [InlineData("action=payment.approve", "0")]
    [InlineData("action:payment.approve*", "4 0")]
    [InlineData("target=p-2", "1")]
    [InlineData("target=a-1", "1")]
    [InlineData("target.type=payment", "1 0")]
    [InlineData("type=bank.access", "2")]
    [InlineData("outcome=success", "3 0")]
    [InlineData("outcome=denied OR outcome=failure", "2 1")]
    [InlineData("outcome!=success", "4 2 1")]
    [InlineData("NOT outcome=success", "4 2 1")]
    [InlineData("occurred_at>=2020-01-02 occurred_at<2020-02-01", "2 1")]
    [InlineData("occurred_at=2020-01-02", "2 1")]
    [InlineData("occurred_at<=2020-01-02T09:00:00Z AND occurred_at>=2020-01-02", "2")]
    [InlineData("time>2099-01-01", "")]
    [InlineData("service=core", "4")]
    [InlineData("request_id=r-7", "4")]
    [InlineData("text:diaz", "0")]
    [InlineData("text:\"ana DIAZ\"", "0")]
    [InlineData("text:UBERSCHRITTEN OR text:überschritten", "1")]
    [InlineData("firefox", "2")]
    [InlineData("vermilion", "3")]
    [InlineData("zephyrine", "4")]

    // OR binds tighter than AND: (ana OR bo) AND (failure OR denied).
    [InlineData("actor=ana OR actor=bo AND outcome=failure OR outcome=denied", "2 1")]
    [InlineData("actor=ana OR (actor=bo AND outcome=success)", "2 0")]
    [InlineData("(actor=ana AND outcome=failure) OR actor=cy", "3 2")]
    [InlineData("actor=ana session=s3", "2")]
    [InlineData("actor=ana -session=s3", "0")]
    [InlineData("actor=(ana OR cy)", "3 2 0")]
    public async Task A_filter_finds_the_events_that_match_newest_first(string filter, string expected)
    {
        var first = await RecordedAsync();

        var answer = await server.GetAsync(Query($"seq>={first} AND seq<{first + Events.Length} AND ({filter})"));

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal(expected, string.Join(' ', Numbers(answer.Json)));
    }

    [Fact]
    public async Task An_id_finds_its_event()
    {
        var receipt = await server.RecordAsync(Events[0]);
        await server.WaitForIndexAsync();

        var answer = await server.GetAsync(Query($"id={receipt["id"]}"));

        Assert.Equal(receipt["id"]!.GetValue<string>(), Assert.Single(answer.Json["events"]!.AsArray())!["id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("actor=", 7)]
    [InlineData("actor=ana AND", 14)]
    [InlineData("actor=ana) OR actor=bo", 10)]
    [InlineData("(actor=ana", 11)]
    [InlineData("nobody=1", 1)]
    [InlineData("actor=ana outcome=maybe", 19)]
    [InlineData("time>yesterday", 6)]
    [InlineData("actor=\"ana", 7)]
    [InlineData("seq>x", 5)]
    public async Task A_bad_filter_is_refused_with_its_position(string filter, int position)
    {
        var before = await server.SizeAsync();

        var answer = await server.GetAsync(Query(filter));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.StartsWith("query.", answer.Code, StringComparison.Ordinal);
        Assert.Contains($"Character {position}:", answer.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(before, await server.SizeAsync());
    }

    [Fact]
    public async Task Pages_hold_everything_once_while_new_events_arrive()
    {
        var marker = Guid.CreateVersion7().ToString("N");
        for (var n = 0; n < 57; n++)
        {
            await server.RecordAsync(Event(marker, n));
        }

        await server.WaitForIndexAsync();
        var seen = new List<int>();
        string? token = null;
        var pages = 0;
        do
        {
            var answer = await server.GetAsync(Query($"session={marker}", 5, token));
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
            Assert.True(answer.Json["events"]!.AsArray().Count <= 5);
            seen.AddRange(Numbers(answer.Json));
            token = answer.Json["next_page_token"]?.GetValue<string>();
            await server.RecordAsync(Event(marker, 1_000 + pages++));
        }
        while (token is not null && pages < 50);

        Assert.Equal(Enumerable.Range(0, 57).Reverse(), seen);
    }

    [Fact]
    public async Task A_page_token_belongs_to_its_filter()
    {
        var marker = Guid.CreateVersion7().ToString("N");
        await server.RecordAsync(Event(marker, 0));
        await server.RecordAsync(Event(marker, 1));
        await server.WaitForIndexAsync();
        var token = (await server.GetAsync(Query($"session={marker}", 1))).Json["next_page_token"]!.GetValue<string>();

        (await server.GetAsync(Query("session=other", 1, token))).IsProblem(HttpStatusCode.BadRequest, "query.page_token_mismatch");
        (await server.GetAsync(Query($"session={marker}", 1, token[..^1]))).IsProblem(HttpStatusCode.BadRequest, "query.page_token_invalid");
        (await server.GetAsync(Query($"session={marker}", 1, "nonsense"))).IsProblem(HttpStatusCode.BadRequest, "query.page_token_invalid");
        (await server.GetAsync(Query($"session={marker}", -1))).IsProblem(HttpStatusCode.BadRequest, "query.page_size");
        Assert.Equal(HttpStatusCode.BadRequest, (await server.GetAsync("/api/v1/events?page_size=many")).Status);
    }

    [Fact]
    public async Task Large_members_are_searched_for_and_read_in_full()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(n => $"word{n} "));
        var receipt = await server.RecordAsync($$$"""{"action":"t.large","actor":{"id":"u"},"data":{"v":"{{{text}}}"}}""");

        var view = (await server.GetAsync($"/api/v1/events/{receipt["id"]}")).Json;

        Assert.Equal(text, view["data"]!["v"]!.GetValue<string>());
        Assert.Equal("/data", Assert.Single(view["protection"]!["blobs"]!.AsArray())!["field"]!.GetValue<string>());
    }

    private static string Event(string session, int n) =>
        $$$"""{"action":"t.page","actor":{"id":"u","session":"{{{session}}}"},"data":{"n":{{{n}}}}}""";

    private static string Query(string filter, int pageSize = 50, string? token = null) =>
        $"/api/v1/events?page_size={pageSize}&filter={Uri.EscapeDataString(filter)}"
        + (token is null ? "" : "&page_token=" + Uri.EscapeDataString(token));

    private static IEnumerable<int> Numbers(JsonNode answer) =>
        answer["events"]!.AsArray().Select(one => one!["data"]!["n"]!.GetValue<int>());

    private async Task<long> RecordedAsync()
    {
        var answer = await server.PostAsync("/api/v1/events:batchCreate", $$"""{"events":[{{string.Join(',', Events)}}]}""");
        await server.WaitForIndexAsync();
        return answer.Json["events"]![0]!["seq"]!.GetValue<long>();
    }
}
