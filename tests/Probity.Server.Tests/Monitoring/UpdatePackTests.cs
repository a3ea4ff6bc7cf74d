using System.Net;
using System.Text.Json.Nodes;
using Probity.Ledger.Notes;
using Probity.Monitoring.Pack;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Monitoring;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>A server that believes one publisher of update packs.</summary>
public sealed class PackServer : RunningServer
{
    internal static NoteSigner Publisher { get; } = NoteSigner.FromSeed("publisher.example/rules", new byte[32]);

    protected override Task ConfigureAsync(Dictionary<string, string> environment)
    {
        environment["AML_PACK_KEYS"] = Publisher.Key.ToString();
        return Task.CompletedTask;
    }
}

/// <summary>A change of regulation is data: a signed pack becomes a draft that says what it changes.</summary>
public sealed class UpdatePackTests(PackServer server) : IClassFixture<PackServer>, IDisposable
{
    private const string Path = "/api/v1/monitoring/rules:import";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_signed_pack_becomes_a_draft_that_says_what_it_changes_and_judges_nothing_yet()
    {
        await server.PostAsync("/api/v1/transactions", Transaction("p1", "11000.00")); // The shipped rules are live.
        var before = await LiveAsync();
        var size = await server.SizeAsync();

        var answer = await server.PostAsync(Path, Signed(Pack("2090-01-01")));

        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        Assert.Equal(["Fresh rule"], Texts(answer.Json["added"]!));
        Assert.Equal(["Round amounts"], Texts(answer.Json["withdrawn"]!));
        Assert.Contains("\"ZW\"", Assert.Single(Texts(answer.Json["reference_added"]!)), StringComparison.Ordinal);
        Assert.Equal("publisher.example/rules", answer.Json["signed_by"]!.GetValue<string>());
        Assert.Equal(before, await LiveAsync());
        var entry = (await server.EntriesFromAsync(size))[0];
        Assert.Equal(MonitoringEvents.PackImported, entry["type"]!.GetValue<string>());

        var set = answer.Json["rule_set"]!["id"]!.GetValue<string>();
        var trial = await server.PostAsync($"/api/v1/monitoring/rule-sets/{set}:backtest", "{}");
        Assert.Equal(HttpStatusCode.OK, trial.Status);
        var agreed = await server.PostAsync(
            $"/api/v1/monitoring/rule-sets/{set}:activate", """{"reason":"the law changes then"}""");
        Assert.Equal("approved", agreed.Json["status"]!.GetValue<string>());
        Assert.StartsWith("2090-01-01", agreed.Json["active_from"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(before, await LiveAsync()); // Its day has not come.
    }

    [Fact]
    public async Task A_pack_whose_day_has_come_is_live_when_it_is_agreed_to()
    {
        await server.PostAsync("/api/v1/transactions", Transaction("q1", "11000.00"));
        var answer = await server.PostAsync(Path, Signed(Pack("2020-01-01")));
        var set = answer.Json["rule_set"]!["id"]!.GetValue<string>();

        await server.PostAsync($"/api/v1/monitoring/rule-sets/{set}:activate", """{"reason":"the law has changed"}""");

        Assert.Equal(set, await LiveAsync());
        var judged = await server.PostAsync("/api/v1/transactions", Transaction("q2", "77777.00"));
        Assert.Equal("Due rule", judged.Json["alert_rule"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("other signer", HttpStatusCode.Forbidden, "monitoring.pack_untrusted")]
    [InlineData("changed after signing", HttpStatusCode.Forbidden, "monitoring.pack_untrusted")]
    [InlineData("no signature", HttpStatusCode.UnprocessableEntity, "monitoring.pack_refused")]
    [InlineData("unknown member", HttpStatusCode.UnprocessableEntity, "monitoring.pack_refused")]
    [InlineData("no day", HttpStatusCode.UnprocessableEntity, "monitoring.pack_refused")]
    [InlineData("bad reference", HttpStatusCode.UnprocessableEntity, "monitoring.pack_refused")]
    [InlineData("withdraws nothing", HttpStatusCode.UnprocessableEntity, "monitoring.pack_refused")]
    [InlineData("bad rule", HttpStatusCode.UnprocessableEntity, "monitoring.rule_refused")]
    public async Task What_is_not_to_be_believed_or_not_sound_is_refused_and_leaves_no_draft(
        string wrong, HttpStatusCode status, string code)
    {
        using var stranger = NoteSigner.FromSeed("publisher.example/rules", [.. Enumerable.Repeat((byte)7, 32)]);
        var pack = Pack("2090-01-01");
        var note = wrong switch
        {
            "other signer" => stranger.Sign(pack.ToJsonString() + "\n"),
            "changed after signing" => Signed(pack).Replace("2090", "2020", StringComparison.Ordinal),
            "no signature" => pack.ToJsonString() + "\n",
            "unknown member" => Signed(With(pack, "colour", "red")),
            "no day" => Signed(With(pack, "effective_from", "soon")),
            "bad reference" => Signed(With(pack, "reference", new JsonObject { ["version"] = "x" })),
            "withdraws nothing" => Signed(With(pack, "withdrawn", new JsonArray("No such rule"))),
            _ => Signed(With(pack, "rules", new JsonArray(new JsonObject { ["name"] = "x" }))),
        };
        var size = await server.SizeAsync();

        var answer = await server.PostAsync(Path, note);

        answer.IsProblem(status, code);
        Assert.DoesNotContain(await server.EntriesFromAsync(size),
            entry => entry["type"]!.GetValue<string>() == MonitoringEvents.PackImported);
    }

    [Fact]
    public async Task The_verb_takes_a_pack_in_and_says_what_it_changes()
    {
        await File.WriteAllTextAsync(_folder.At("pack.note"), Signed(Pack("2090-01-01")));
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = await CommandLine.RunAsync(
            [
                "rules", "import", _folder.At("pack.note"), "--url", server.Url.ToString(), "--key", server.Key,
                "--data", _folder.At("unused"),
            ],
            Composition.Bodies, output, error);

        Assert.True(code == ExitCode.Done, error.ToString());
        Assert.Contains("rule: Fresh rule", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Nothing judges by it yet", output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Signed(JsonObject pack) => PackServer.Publisher.Sign(pack.ToJsonString() + "\n");

    private static JsonObject With(JsonObject pack, string name, JsonNode value)
    {
        pack[name] = value;
        return pack;
    }

    private static JsonObject Pack(string day)
    {
        var isDue = day.StartsWith("2020", StringComparison.Ordinal);
        var book = JsonNode.Parse(RulePack.BookDocument().Span)!.AsObject();
        book["version"] = "publisher-2090";
        book["members"]!.AsArray().Add(new JsonObject
        {
            ["list"] = "fatf_increased_monitoring", ["member"] = "ZW", ["from"] = day, ["source"] = "a test",
        });
        return new JsonObject
        {
            ["pack"] = "probity-update-1",
            ["name"] = "Plenary of a test",
            ["effective_from"] = day,
            ["rules"] = new JsonArray(new JsonObject
            {
                ["name"] = isDue ? "Due rule" : "Fresh rule",
                ["rule_type"] = "AML",
                ["jurisdiction"] = "*",
                ["conditions"] = new JsonObject { ["amount_threshold"] = 77777, ["currency"] = "USD" },
                ["actions"] = new JsonObject { ["alert"] = true },
                ["severity"] = "CRITICAL",
            }),
            ["withdrawn"] = isDue ? new JsonArray() : new JsonArray("Round amounts"),
            ["reference"] = book,
        };
    }

    private static string Transaction(string id, string amount) =>
        $$"""{"source":"pack","id":"{{id}}","occurred_at":"2026-03-02T15:00:00Z","amount":"{{amount}}", """
        + """ "currency":"USD","type":"wire","debtor":{"account":"PA","country":"US"},"creditor":{"account":"PB"}}""";

    private static IEnumerable<string> Texts(JsonNode array) =>
        array.AsArray().Select(item => item!.GetValue<string>());

    private async Task<string> LiveAsync() =>
        (await server.GetAsync("/api/v1/monitoring/rule-sets")).Json["rule_sets"]!.AsArray()
            .Single(set => set!["is_live"]!.GetValue<bool>())!["id"]!.GetValue<string>();
}
