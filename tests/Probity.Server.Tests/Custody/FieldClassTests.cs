using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Ledger.Json;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Events.Classes;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Custody;

/// <summary>How members are kept is data: agreed to by two people, in force at one entry, on every node.</summary>
public sealed class FieldClassTests(SharedPostgres postgres)
{
    private const string Iban = "DE89370400440532013000";
    private static readonly JsonLimits s_limits = new(1 << 20);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task A_change_holds_from_the_entry_that_states_it_and_leaves_what_was_there(string store)
    {
        await using var server = await CustodyServer.StartAsync(store, postgres);
        var before = await server.RecordAsync(Event("one"));
        using var maker = await server.MakerAsync();
        var asked = await AskAsync(maker, "/data/account/iban", "masked");
        Assert.Equal("encrypted", await ClassOfAsync(maker, "/data")); // Nothing has changed yet.
        var waiting = await server.RecordAsync(Event("two"));
        await server.AgreeAsync(asked);
        await ChangeAsync(server, maker, "/data/ref", "hashed");
        await ChangeAsync(server, maker, "/actor/name", "plain");
        await ChangeAsync(server, maker, "/context/service", "encrypted");

        var after = await server.RecordAsync(Event("three"));

        foreach (var old in (long[])[before, waiting])
        {
            Assert.Equal(Iban, (await OpenedAsync(server, old))["data"]!["account"]!["iban"]!.GetValue<string>());
            var kept = await StoredAsync(server, old);
            Assert.Null(kept["actor"]!["name"]);
            Assert.Equal("payments", kept["context"]!["service"]!.GetValue<string>());
        }

        var opened = await OpenedAsync(server, after);
        Assert.Equal("…3000", opened["data"]!["account"]!["iban"]!.GetValue<string>());
        Assert.StartsWith("hmac:", opened["data"]!["ref"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("payments", opened["context"]!["service"]!.GetValue<string>());
        var stored = await StoredAsync(server, after);
        Assert.Equal("Clerk three", stored["actor"]!["name"]!.GetValue<string>());
        Assert.Null(stored["context"]);
        Assert.Null(stored["data"]);
    }

    [Fact]
    public async Task What_is_hashed_is_found_by_its_value_and_the_asking_is_an_entry_without_it()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();
        await ChangeAsync(server, maker, "/data/ref", "hashed");
        await server.RecordAsync(Event("one"));
        await server.RecordAsync(Event("two"));
        await server.IndexedAsync();
        var from = await server.SizeAsync();

        var hash = await maker.PostAsync(
            "/api/v1/field-classes:hash", new { pointer = "/data/ref", value = "REF-one" });

        Assert.True(hash.Status == HttpStatusCode.OK, hash.Text);
        var entry = Assert.Single(await server.EntriesFromAsync(from));
        Assert.Equal("probity.custody.field_hashed", entry["type"]!.GetValue<string>());
        Assert.DoesNotContain("REF-one", entry.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["one"], await FoundAsync(server, hash.Json["filter"]!.GetValue<string>()));
        Assert.Empty(await FoundAsync(server, "text:REF-one"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity,
            (await maker.PostAsync("/api/v1/field-classes:hash", new { pointer = "/data/other", value = "x" })).Status);
    }

    [Fact]
    public async Task The_maker_alone_changes_nothing_and_what_the_log_needs_stays_as_it_is()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();
        var asked = await AskAsync(maker, "/actor/email", "masked");
        var approval = await maker.GetAsync($"/api/v1/approvals/{asked}");

        (await ApprovalServer.ApproveAsync(maker, approval.Json))
            .IsProblem(HttpStatusCode.Forbidden, "access.maker_is_checker");

        Assert.Equal("encrypted", await ClassOfAsync(maker, "/actor/email"));
        foreach (var (pointer, name) in ((string, string)[])
            [
                ("/actor/id", "masked"), ("/targets/*/id", "hashed"), ("/reason/case", "encrypted"),
                ("/type", "hashed"),
                ("/data", "masked"), ("/data/x", "plain"), ("/data/x", "encrypted"), ("/original", "hashed"),
                ("data/x", "masked"), ("/data/a~b", "masked"), ("/data//b", "masked"), ("/actor/email", "secret"),
                ("", "plain"),
            ])
        {
            var answer = await maker.SendAsync(
                HttpMethod.Put, "/api/v1/field-classes", new { pointer, @class = name, reason = "test" });
            Assert.True((int)answer.Status is 400 or 422, $"{pointer} {name}: {answer.Text}");
        }
    }

    [Fact]
    public async Task What_was_sealed_before_a_change_is_not_committed_after_it_and_sealed_anew_it_is()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();
        var preparer = server.Services.GetRequiredService<EventPreparer>();
        var writer = server.Services.GetRequiredService<LedgerWriter>();
        var early = Prepare(preparer);
        await ChangeAsync(server, maker, "/data/account/iban", "masked");

        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(
            () => writer.AppendAsync(new AppendRequest([early])));
        var late = await writer.AppendAsync(new AppendRequest([Prepare(preparer)]));

        Assert.Equal("ledger.classes_changed", refused.Code);
        Assert.IsType<AppendResult.Committed>(late);
    }

    [Fact]
    public async Task Another_node_seals_in_the_new_way_from_that_entry_on()
    {
        await using var server = await CustodyServer.StartAsync("postgresql", postgres);
        using var node = Installation.Beside(server);
        await using var ledger = await node.OpenAsync();
        var preparer = ledger.Services.GetRequiredService<EventPreparer>();
        var writer = ledger.Services.GetRequiredService<LedgerWriter>();
        await writer.AppendAsync(new AppendRequest([Prepare(preparer)]));
        using var maker = await server.MakerAsync();
        await ChangeAsync(server, maker, "/data/account/iban", "masked");

        var refused = await Assert.ThrowsAsync<LedgerUnavailableException>(
            () => writer.AppendAsync(new AppendRequest([Prepare(preparer)])));
        await writer.AppendAsync(new AppendRequest([Prepare(preparer)]));

        Assert.Equal("ledger.classes_changed", refused.Code);
        var opened = await OpenedAsync(server, await server.SizeAsync() - 1);
        Assert.Equal("…3000", opened["data"]!["account"]!["iban"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_rule_that_is_taken_back_leaves_the_default()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();
        await ChangeAsync(server, maker, "/actor/name", "plain");
        await ChangeAsync(server, maker, "/actor/name", "default");

        var stored = await StoredAsync(server, await server.RecordAsync(Event("one")));

        Assert.Null(stored["actor"]!["name"]);
        var list = (await maker.GetAsync("/api/v1/field-classes")).Json;
        Assert.Equal(2, list["version"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("DE89370400440532013000", "…3000")]
    [InlineData("12345678", "…5678")]
    [InlineData("1234567", "…")]
    [InlineData("", "…")]
    [InlineData("anna.k@bank.example", "a…@bank.example")]
    [InlineData("not @ an address", "…ress")]
    [InlineData("👩‍👩‍👧abcdefg👩‍👩‍👧", "…efg👩‍👩‍👧")]
    public void A_mask_leaves_what_a_person_needs_to_recognise_a_value(string text, string left) =>
        Assert.Equal(left, Mask.Text(text));

    [Fact]
    public void Values_are_replaced_where_pointers_lead_and_nowhere_else()
    {
        const string sent = """
            {"reason":"spoken by Anna Kraus","data":{"iban":1234567890,"list":[{"no":"12345678"},{"no":null},7],
            "a/b":{"x":"12345678"},"deep":{"any":{"pin":[1,2]}}},"after":{"iban":"12345678"}}
            """;
        var rewriter = new EventRewriter(
            [
                new("/data/iban", MemberClass.Masked), new("/data/list/*/no", MemberClass.Masked),
                new("/data/a~1b/x", MemberClass.Masked), new("/data/deep/*/pin", MemberClass.Hashed),
                new("/reason/text", MemberClass.Masked),
            ],
            new byte[32]);
        using var tape = JsonTape.Parse(System.Text.Encoding.UTF8.GetBytes(sent), s_limits);

        var left = JsonNode.Parse(rewriter.Rewrite(tape.Root).Span)!;

        var pin = left["data"]!["deep"]!["any"]!["pin"]!.GetValue<string>();
        Assert.Matches("^hmac:[0-9a-f]{32}$", pin);
        Assert.Equal(
            """{"reason":"…raus","data":{"iban":"…7890","list":[{"no":"…5678"},{"no":null},7]"""
            + ""","a/b":{"x":"…5678"},"deep":{"any":{"pin":"PIN"}}},"after":{"iban":"12345678"}}""",
            left.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
                .Replace(pin, "PIN", StringComparison.Ordinal).Replace("\\u2026", "…", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_masked_is_not_readable_in_the_original_either()
    {
        await using var server = new CustodyServer();
        await server.InitializeAsync();
        using var maker = await server.MakerAsync();
        var whole = await OpenedAsync(server, await server.RecordAsync(Imported(hasIban: true)));
        await ChangeAsync(server, maker, "/data/account/iban", "masked");

        var hashed = await OpenedAsync(server, await server.RecordAsync(Imported(hasIban: true)));
        var same = await OpenedAsync(server, await server.RecordAsync(Imported(hasIban: true)));
        var kept = await OpenedAsync(server, await server.RecordAsync(Imported(hasIban: false)));

        Assert.Contains(Iban, whole["original"]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Matches("^hmac:[0-9a-f]{32}$", hashed["original"]!["text"]!.GetValue<string>());
        Assert.Equal("csv", hashed["original"]!["format"]!.GetValue<string>());
        Assert.DoesNotContain(Iban, hashed.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(
            hashed["original"]!["text"]!.GetValue<string>(), same["original"]!["text"]!.GetValue<string>());

        // No rule met a value of it: nothing is withheld.
        Assert.Contains("u-1;note", kept["original"]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hash_is_of_the_value_the_field_and_the_installation()
    {
        var hash = new FieldHash("/data/iban", new byte[32]).OfText(Iban);

        Assert.Equal(hash, new FieldHash("/data/iban", new byte[32]).OfText(Iban));
        Assert.NotEqual(hash, new FieldHash("/data/iban", new byte[32]).OfText(Iban + "1"));
        Assert.NotEqual(hash, new FieldHash("/data/other", new byte[32]).OfText(Iban));
        Assert.NotEqual(hash, new FieldHash("/data/iban", [.. new byte[31], 1]).OfText(Iban));
    }

    private static PreparedEntry Prepare(EventPreparer preparer)
    {
        using var tape = JsonTape.Parse(System.Text.Encoding.UTF8.GetBytes(Event("x")), s_limits);
        return preparer.Prepare(tape.Root);
    }

    private static string Imported(bool hasIban) => new JsonObject
    {
        ["action"] = "payment.make",
        ["actor"] = "u-1",
        ["original"] = new JsonObject { ["format"] = "csv", ["text"] = hasIban ? $"u-1;{Iban}" : "u-1;note" },
        ["data"] = hasIban
            ? new JsonObject { ["account"] = new JsonObject { ["iban"] = Iban } } : new JsonObject { ["note"] = "n" },
    }.ToJsonString();

    private static string Event(string name) => new JsonObject
    {
        ["action"] = "payment.make",
        ["actor"] = new JsonObject { ["id"] = "u-1", ["type"] = "user", ["name"] = "Clerk " + name },
        ["context"] = new JsonObject { ["service"] = "payments" },
        ["data"] = new JsonObject
        {
            ["name"] = name,
            ["ref"] = "REF-" + name,
            ["account"] = new JsonObject { ["iban"] = Iban },
        },
    }.ToJsonString();

    private static async Task<string> AskAsync(Browser maker, string pointer, string name)
    {
        var asked = await maker.SendAsync(
            HttpMethod.Put, "/api/v1/field-classes", new { pointer, @class = name, reason = "data minimisation" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        return asked.Json["approval_id"]!.GetValue<string>();
    }

    private static async Task ChangeAsync(CustodyServer server, Browser maker, string pointer, string name) =>
        Assert.Equal("executed",
            (await server.AgreeAsync(await AskAsync(maker, pointer, name)))["state"]!.GetValue<string>());

    private static async Task<string> ClassOfAsync(Browser browser, string pointer) =>
        (await browser.GetAsync("/api/v1/field-classes")).Json["fields"]!.AsArray()
            .Single(f => f!["pointer"]!.GetValue<string>() == pointer)!["class"]!.GetValue<string>();

    private static async Task<JsonNode> StoredAsync(CustodyServer server, long seq)
    {
        var entries = await server.Services.GetRequiredService<ILedgerStore>()
            .ReadEntriesAsync(seq, 1, CancellationToken.None);
        return JsonNode.Parse(entries[0].Body.Span)!;
    }

    private static async Task<JsonNode> OpenedAsync(CustodyServer server, long seq)
    {
        await server.IndexedAsync();
        var id = (await StoredAsync(server, seq))["id"]!.GetValue<string>();
        var answer = await AccessServer.SendAsync(server.Key, HttpMethod.Get, $"/api/v1/events/{id}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json["event"] ?? answer.Json;
    }

    private static async Task<IReadOnlyList<string>> FoundAsync(CustodyServer server, string filter)
    {
        await server.IndexedAsync();
        var found = await AccessServer.SendAsync(
            server.Key, HttpMethod.Get,
            "/api/v1/events?filter=" + Uri.EscapeDataString(filter + " action=payment.make"));
        Assert.True(found.Status == HttpStatusCode.OK, found.Text);
        return
        [
            .. found.Json["events"]!.AsArray().Select(e => (e!["event"] ?? e)["data"]!["name"]!.GetValue<string>()),
        ];
    }
}
