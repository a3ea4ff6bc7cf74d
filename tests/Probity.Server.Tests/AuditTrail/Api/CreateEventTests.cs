using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

public abstract class CreateEventTests(RunningServer server)
{
    private const string Minimal = """{"action":"t.minimal","actor":{"id":"u-1"}}""";

    private const string Whole = """
        {"action":"payment.approve","type":"bank.payment",
         "actor":{"id":"u-17","type":"user","name":"Ana Diaz","email":"ana@bank.example",
                  "on_behalf_of":{"id":"c-9","type":"customer","name":"Bo Li"},"role":"approver","session":"s-3"},
         "targets":[{"type":"payment","id":"p-4711","name":"Rent","email":"x@bank.example"},"acc-2"],
         "occurred_at":"2026-11-24T19:19:34.5+01:00","outcome":"denied",
         "reason":{"text":"over the limit","code":"LIM","case":"C-1","ticket":"OPS-12","legal_basis":"contract"},
         "context":{"address":"192.0.2.7","user_agent":"curl/8","service":"core","request_id":"r-1","trace_id":"abc"},
         "before":{"status":"pending"},"after":{"status":"approved","amount":12.5},"data":{"n":[1,null,true]},
         "source":"core","external_id":"whole-1","original":{"format":"text","text":"line\u00e9"}}
        """;

    [Fact]
    public async Task A_receipt_names_the_entry_and_says_where_it_is()
    {
        var before = await server.SizeAsync();

        var answer = await server.PostEventAsync(Minimal);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(["checkpoint", "hash", "id", "log", "seq"], answer.Json.AsObject().Select(m => m.Key).Order());
        Assert.Equal("/api/v1/events/" + answer.Json["id"], answer.Headers["Location"]);
        Assert.Equal(before, answer.Json["seq"]!.GetValue<long>());
        var view = await server.GetAsync(answer.Headers["Location"]);
        Assert.Equal(HttpStatusCode.OK, view.Status);
        Assert.Equal("success", view.Json["outcome"]!.GetValue<string>());
        Assert.Equal("event", view.Json["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_proof_of_an_event_verifies_with_the_published_key()
    {
        var receipt = await server.RecordAsync(Minimal);
        var keys = (await server.GetAsync("/api/v1/ledger/keys", server.Anonymous)).Json["keys"]!.AsArray();
        var known = keys.Select(key => VerifierKey.Parse(key!["vkey"]!.GetValue<string>())).ToList();
        var leaf = Digest.FromHex(receipt["hash"]!.GetValue<string>());
        var path = $"/api/v1/events/{receipt["id"]}/proof";

        var text = await server.SendAsync(HttpMethod.Get, path, null, null, ("Accept", "text/plain"));
        var json = await server.GetAsync(path);

        foreach (var proof in new[] { text.Text, json.Json["tlog_proof"]!.GetValue<string>() }.Select(TlogProof.Parse))
        {
            var verified = Assert.IsType<TlogProofVerdict.Verified>(proof.Verify(leaf, known));
            Assert.Equal(receipt["log"]!.GetValue<string>(), verified.Checkpoint.Origin);
            Assert.Equal(receipt["seq"]!.GetValue<long>(), proof.Index);
        }
    }

    [Fact]
    public async Task The_entrys_bytes_hash_to_the_receipt()
    {
        var receipt = await server.RecordAsync(Whole.Replace("whole-1", "whole-hash", StringComparison.Ordinal));

        var entry = await server.GetAsync($"/api/v1/events/{receipt["id"]}/entry");

        Assert.Equal(receipt["hash"]!.GetValue<string>(), MerkleHash.Leaf(entry.Bytes).ToString());
        Assert.DoesNotContain("Ana Diaz", entry.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("over the limit", entry.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_receipts_checkpoint_is_signed_and_covers_the_entry()
    {
        var receipt = await server.RecordAsync(Minimal);
        var keys = (await server.GetAsync("/api/v1/ledger/keys", server.Anonymous)).Json["keys"]!.AsArray();
        var known = keys.Select(key => VerifierKey.Parse(key!["vkey"]!.GetValue<string>())).ToList();
        var note = SignedNote.Parse(receipt["checkpoint"]!.GetValue<string>());

        Assert.IsType<NoteVerdict.Verified>(NoteVerification.Verify(note, known));
        Assert.True(Checkpoint.Parse(note.Text).Size > receipt["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task Every_member_comes_back_as_it_was_sent()
    {
        var receipt = await server.RecordAsync(Whole);

        var view = (await server.GetAsync($"/api/v1/events/{receipt["id"]}")).Json;

        var sent = JsonNode.Parse(Whole)!.AsObject();
        sent["targets"]![1] = new JsonObject { ["id"] = "acc-2" };
        sent["occurred_at"] = view["occurred_at"]!.GetValue<string>();
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 18, 19, 34, 500, TimeSpan.Zero), DateTimeOffset.Parse(
            view["occurred_at"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));
        foreach (var (name, value) in sent)
        {
            Assert.True(JsonNode.DeepEquals(value, view[name]), $"{name}: {view[name]?.ToJsonString()}");
        }

        Assert.Equal(
            ["encrypted"], view["protection"]!.AsObject().Select(m => m.Key));
    }

    [Fact]
    public async Task A_string_stands_for_the_id_on_behalf_of_and_for_the_text_of_a_reason()
    {
        var receipt = await server.RecordAsync(
            """{"action":"t","actor":{"id":"u","on_behalf_of":"c-1"},"reason":"because"}""");

        var view = (await server.GetAsync($"/api/v1/events/{receipt["id"]}")).Json;

        Assert.Equal("""{"id":"c-1"}""", view["actor"]!["on_behalf_of"]!.ToJsonString());
        Assert.Equal("""{"text":"because"}""", view["reason"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"action":"t","actor":{"id":"u"},"colour":1}""", "event.unknown_field", "/colour")]
    [InlineData("""{"action":"t","actor":{"id":"u","nick/name":1}}""", "event.unknown_field", "/actor/nick~1name")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"targets":[{"id":"a"},{"id":"b","x":1}]}""", "event.unknown_field", "/targets/1/x")]
    [InlineData("""{"actor":{"id":"u"}}""", "event.missing_field", "/action")]
    [InlineData("""{"action":"t"}""", "event.missing_field", "/actor")]
    [InlineData("""{"action":"t","actor":{}}""", "event.missing_field", "/actor/id")]
    [InlineData("""{"action":"t","actor":{"id":null}}""", "event.missing_field", "/actor/id")]
    [InlineData("""{"action":"t","actor":{"id":""}}""", "event.bad_field", "/actor/id")]
    [InlineData("""{"action":7,"actor":{"id":"u"}}""", "event.bad_field", "/action")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"outcome":"maybe"}""", "event.bad_field", "/outcome")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"occurred_at":"yesterday"}""", "event.bad_field", "/occurred_at")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"occurred_at":"2026-11-24"}""", "event.bad_field", "/occurred_at")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"occurred_at":"2026-02-30T00:00:00Z"}""", "event.bad_field", "/occurred_at")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"data":[1]}""", "event.bad_field", "/data")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"targets":{"id":"a"}}""", "event.bad_field", "/targets")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"type":"probity.events.read"}""", "event.reserved_type", "/type")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"external_id":"e"}""", "event.missing_field", "/source")]
    [InlineData("""[]""", "event.bad_field", null)]
    [InlineData("""7""", "event.bad_field", null)]
    public async Task A_member_at_fault_is_named(string body, string code, string? pointer)
    {
        var before = await server.SizeAsync();

        var answer = await server.PostEventAsync(body);

        answer.IsProblem(HttpStatusCode.UnprocessableEntity, code, pointer);
        Assert.Equal(before, await server.SizeAsync());
    }

    [Theory]
    [InlineData("", "json.syntax")]
    [InlineData("""{"action":"t","action":"t","actor":{"id":"u"}}""", "json.duplicate_key")]
    [InlineData("""{"action":"t\u0000","actor":{"id":"u"}}""", "json.nul")]
    [InlineData("""{"action":"t","actor":{"id":"u"},"data":{"n":9007199254740993}}""", "json.unsafe_number")]
    [InlineData("""{"action":"\ud800","actor":{"id":"u"}}""", "json.utf8")]
    public async Task Json_that_is_not_strict_is_refused(string body, string code)
    {
        var before = await server.SizeAsync();

        var answer = await server.PostEventAsync(body);

        Assert.InRange((int)answer.Status, 400, 499);
        Assert.Equal(code, answer.Code);
        Assert.Equal(before, await server.SizeAsync());
    }

    [Fact]
    public async Task The_same_external_id_with_the_same_content_is_the_same_event()
    {
        const string Body = """{"action":"t","actor":{"id":"u"},"source":"core","external_id":"dup-1","data":{"n":1}}""";
        var first = await server.RecordAsync(Body);
        var size = await server.SizeAsync();

        var second = await server.PostEventAsync(Body);

        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.True(second.Json["duplicate"]!.GetValue<bool>());
        foreach (var member in new[] { "id", "seq", "hash", "log" })
        {
            Assert.Equal(first[member]!.ToJsonString(), second.Json[member]!.ToJsonString());
        }

        Assert.Equal(size, await server.SizeAsync());
        var other = await server.PostEventAsync(Body.Replace("\"n\":1", "\"n\":2", StringComparison.Ordinal));
        other.IsProblem(HttpStatusCode.Conflict, "event.external_id_reused");
        Assert.Equal(size, await server.SizeAsync());
    }

    [Fact]
    public async Task The_same_external_id_at_the_same_moment_is_recorded_once()
    {
        const string Body = """{"action":"t","actor":{"id":"u"},"source":"core","external_id":"race-1"}""";
        var size = await server.SizeAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.PostEventAsync(Body)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(15, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Single(answers.Select(answer => answer.Json["id"]!.GetValue<string>()).Distinct());
        Assert.Equal(size + 1, await server.SizeAsync());
    }

    [Fact]
    public async Task An_idempotency_key_gives_the_first_answer_again()
    {
        var first = await server.PostEventAsync(Minimal, ("Idempotency-Key", "idem-1"));
        var size = await server.SizeAsync();

        var again = await server.PostEventAsync(Minimal, ("Idempotency-Key", "idem-1"));
        var other = await server.PostEventAsync(Minimal.Replace("u-1", "u-2", StringComparison.Ordinal), ("Idempotency-Key", "idem-1"));

        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Equal("true", again.Headers["Idempotency-Replayed"]);
        Assert.Equal(first.Status, again.Status);
        Assert.Equal(first.Json["id"]!.GetValue<string>(), again.Json["id"]!.GetValue<string>());
        Assert.Equal(first.Json["hash"]!.GetValue<string>(), again.Json["hash"]!.GetValue<string>());
        other.IsProblem(HttpStatusCode.UnprocessableEntity, "idempotency.mismatch");
        Assert.Equal(size, await server.SizeAsync());
    }

    [Fact]
    public async Task An_idempotency_key_that_is_not_usable_is_refused() =>
        (await server.PostEventAsync(Minimal, ("Idempotency-Key", new string('k', 256))))
            .IsProblem(HttpStatusCode.BadRequest, "idempotency.bad_key");

    [Fact]
    public async Task An_event_of_the_largest_size_is_taken_and_one_byte_more_is_refused()
    {
        const int Most = 262_144;
        const string Start = """{"action":"t","actor":{"id":"u"},"data":{"v":" """;
        var fits = Start.TrimEnd() + new string('x', Most - Start.TrimEnd().Length - 3) + "\"}}";
        Assert.Equal(Most, fits.Length);

        var taken = await server.RecordAsync(fits);
        var refused = await server.PostEventAsync(fits + " ");
        using var chunked = new StreamContent(new Unsized(Encoding.UTF8.GetBytes(fits + new string(' ', Most))));
        using var response = await server.Http.PostAsync("/api/v1/events", chunked, TestContext.Current.CancellationToken);

        refused.IsProblem(HttpStatusCode.RequestEntityTooLarge, "event.too_large");
        Assert.Contains("262144", refused.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        var view = (await server.GetAsync($"/api/v1/events/{taken["id"]}")).Json;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(fits)!["data"], view["data"]));
    }

    [Fact]
    public async Task An_unknown_content_encoding_is_refused() =>
        (await server.PostEventAsync(Minimal, ("Content-Encoding", "br")))
            .IsProblem(HttpStatusCode.BadRequest, "request.bad_encoding");

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_body_that_is_not_what_its_encoding_says_is_refused(string encoding) =>
        (await server.PostEventAsync(Minimal, ("Content-Encoding", encoding)))
            .IsProblem(HttpStatusCode.BadRequest, "request.bad_encoding");

    [Theory]
    [InlineData("/api/v1/events/evt_01890000-0000-7000-8000-000000000000")]
    [InlineData("/api/v1/events/nothing")]
    [InlineData("/api/v1/events/nothing/proof")]
    [InlineData("/api/v1/events/nothing/entry")]
    public async Task An_unknown_id_is_not_found(string path) =>
        (await server.GetAsync(path)).IsProblem(HttpStatusCode.NotFound, "event.not_found");

    /// <summary>A body whose length is not told.</summary>
    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
