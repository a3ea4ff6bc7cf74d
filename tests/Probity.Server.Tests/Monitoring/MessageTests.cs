using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.Monitoring;
using Probity.Server.Sample;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

public sealed class MessageOnSqliteTests(RunningServer server) : MessageTests(server), IClassFixture<RunningServer>;

public sealed class MessageOnPostgresTests(PostgresRunningServer server)
    : MessageTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>Payment messages of ISO 20022: every transaction of one is judged, or none of it is kept.</summary>
public abstract class MessageTests(RunningServer server)
{
    private const string Path = "/api/v1/transactions:ingest";
    private static int s_next;

    [Fact]
    public async Task Every_transfer_of_a_payment_is_judged_once_and_the_original_reads_back_to_the_byte()
    {
        var (one, two) = (NewId(), NewId());
        var message = Wire.Pacs008(
            NewId(), Wire.Transfer(one, "1200.50"), Wire.Transfer(two, "99.99", "FR77CCCC3"));
        var first = await SendAsync(message);
        var size = await server.SizeAsync();

        var again = await SendAsync(message);

        Assert.True(first.Status == HttpStatusCode.OK, first.Text);
        Assert.Equal("pacs.008.001.08", Text(first.Json, "message"));
        Assert.Equal(["decided", "decided"], Statuses(first));
        Assert.Equal("/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]", Text(first.Json["transactions"]![1]!, "place"));
        Assert.Equal(["duplicate", "duplicate"], Statuses(again));
        Assert.Equal(size, await server.SizeAsync());
        var id = Text(first.Json["transactions"]![1]!, "id");
        var kept = (await server.GetAsync($"/api/v1/transactions/{id}")).Json["transaction"]!;
        Assert.Equal(("99.99", "EUR", "transfer"), (Text(kept, "amount"), Text(kept, "currency"), Text(kept, "type")));
        Assert.Equal(("FR77CCCC3", "FR"), (Text(kept["debtor"]!, "account"), Text(kept["debtor"]!, "country")));
        Assert.Equal(("DE22BBBB2", "invoice"), (Text(kept["creditor"]!, "account"), Text(kept, "narrative")));
        var original = await server.GetAsync($"/api/v1/transactions/{id}/original");
        Assert.True(original.Status == HttpStatusCode.OK, original.Text);
        Assert.Equal(Wire.Bytes(message), original.Bytes);
        Assert.Equal("application/xml", original.Headers["Content-Type"]);
        await ReplaysAsync();
    }

    [Fact]
    public async Task A_plain_transaction_has_no_original()
    {
        var plain = await server.PostAsync("/api/v1/transactions",
            $$$"""{"source":"core","id":"{{{NewId()}}}","occurred_at":"2026-03-02T15:00:00Z","amount":"1.00", """
            + """ "currency":"USD","type":"wire","debtor":{"account":"A"}}""");

        var answer = await server.GetAsync($"/api/v1/transactions/{Text(plain.Json, "id")}/original");

        answer.IsProblem(HttpStatusCode.NotFound, "monitoring.no_original");
    }

    [Fact]
    public async Task A_payment_takes_the_place_of_its_instruction_and_of_no_other()
    {
        var (reference, account) = (NewId(), "GB33" + NewId().ToUpperInvariant());
        var instruction = await SendAsync(Wire.Pain001(NewId(), reference, "700.00", account));
        var asked = Text(instruction.Json["transactions"]![0]!, "id");

        await SendAsync(Wire.Pacs008(NewId(), Wire.Transfer(reference, "700.00", "GB44OTHER")));
        var untouched = await server.GetAsync($"/api/v1/transactions/{asked}");
        await SendAsync(Wire.Pacs008(NewId(), Wire.Transfer(reference, "700.00", account)));
        var carriedOut = await server.GetAsync($"/api/v1/transactions/{asked}");

        Assert.Equal("pending", Text(untouched.Json["transaction"]!, "status"));
        Assert.Null(untouched.Json["reversed_by"]);
        Assert.NotNull(carriedOut.Json["reversed_by"]);
        await ReplaysAsync();
    }

    [Fact]
    public async Task A_rejection_takes_a_payment_back_once_and_a_confirmation_is_noted()
    {
        var reference = NewId();
        var paid = await SendAsync(Wire.Pacs008(NewId(), Wire.Transfer(reference, "80.00")));

        var confirmed = await SendAsync(Wire.Pacs002(reference, "ACSC"));
        var rejected = await SendAsync(Wire.Pacs002(reference, "RJCT"));
        var again = await SendAsync(Wire.Pacs002(reference, "RJCT"));

        Assert.Equal(
            ["noted", "reversed", "duplicate"], new[] { confirmed, rejected, again }.SelectMany(Statuses));
        var id = Text(paid.Json["transactions"]![0]!, "id");
        Assert.NotNull((await server.GetAsync($"/api/v1/transactions/{id}")).Json["reversed_by"]);
    }

    [Theory]
    [InlineData("camt.053", "CRDT", "CDPT", "cash_in", "settled")]
    [InlineData("camt.054", "DBIT", "CWDL", "cash_out", "pending")]
    public async Task A_booking_is_a_movement_on_its_account(
        string kind, string direction, string sub, string type, string status)
    {
        var account = "FI" + NewId().ToUpperInvariant();

        var answer = await SendAsync(Wire.Camt(
            kind, account, Wire.Entry("50.00", direction, status == "settled" ? "BOOK" : "PDNG", "CNTR", sub),
            Wire.Entry("7.00", direction, family: "RCDT", sub: "ESCT", more: "<RvslInd>true</RvslInd>")));

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        Assert.Equal(["decided", "decided"], Statuses(answer));
        var kept = await TransactionAsync(answer, 0);
        Assert.Equal((type, status), (Text(kept, "type"), kept["status"]?.GetValue<string>() ?? "settled"));
        Assert.Equal(account, Text(kept[direction == "CRDT" ? "creditor" : "debtor"]!, "account"));
        Assert.Null(kept[direction == "CRDT" ? "debtor" : "creditor"]);
        Assert.Equal("reversal", Text(await TransactionAsync(answer, 1), "type"));
    }

    [Fact]
    public async Task A_registered_owner_of_an_account_is_named_and_the_message_stays_the_same()
    {
        var account = "NL44" + NewId().ToUpperInvariant();
        var message = Wire.Pacs008(NewId(), Wire.Transfer(NewId(), "15.00", account));
        var before = await SendAsync(message);
        var customer = await server.PostAsync("/api/v1/customers",
            $$$"""{"external_id":"{{{account.ToLowerInvariant()}}}","kind":"person","names":[{"text":"Nel Owner"}], """
            + $$$""" "accounts":[{"number":"NL44 {{{account[4..]}}}"}]}""");
        Assert.True(customer.Status == HttpStatusCode.Created, customer.Text);

        var again = await SendAsync(message);
        var next = await SendAsync(Wire.Pacs008(NewId(), Wire.Transfer(NewId(), "16.00", account)));

        Assert.Equal(["duplicate"], Statuses(again));
        Assert.Null((await TransactionAsync(before, 0))["debtor"]!["customer"]);
        Assert.Equal(account.ToLowerInvariant(), Text((await TransactionAsync(next, 0))["debtor"]!, "customer"));
    }

    [Fact]
    public async Task A_reference_that_names_something_else_already_does_not_hold_up_another_payment()
    {
        var reference = NewId();
        var (rent, next) = (Wire.Pacs008(NewId(), Wire.Transfer(reference, "900.00")),
            Wire.Pacs008(NewId(), Wire.Transfer(reference, "905.00")));

        var answers = new[] { await SendAsync(rent), await SendAsync(next), await SendAsync(next) };

        Assert.Equal(["decided", "decided", "duplicate"], answers.SelectMany(Statuses));
        Assert.NotEqual(
            Text(answers[0].Json["transactions"]![0]!, "id"), Text(answers[1].Json["transactions"]![0]!, "id"));
    }

    [Fact]
    public async Task One_bad_transfer_refuses_the_message_and_keeps_nothing_of_it()
    {
        var (good, size) = (NewId(), await server.SizeAsync());

        var answer = await SendAsync(Wire.Pacs008(
            NewId(), Wire.Transfer(good, "10.00"), Wire.Transfer(NewId(), "10.001")));

        answer.IsProblem(HttpStatusCode.UnprocessableEntity, "monitoring.message_refused",
            "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/amount");
        Assert.Equal(size, await server.SizeAsync());
        (await SendAsync(Wire.Pacs002(good, "ACSC"))).IsProblem(
            HttpStatusCode.UnprocessableEntity, "monitoring.message_refused");
    }

    [Fact]
    public async Task Messages_that_banks_publish_are_read_whole()
    {
        TestData.SkipUnlessPresent("iso20022/xml-moov");
        foreach (var (file, count) in new[]
        {
            ("xml-moov/gistfile1.xml", 3),
            ("xml-moov/sepa_payment_naujas_1.xml", 1), ("xml-moov/International_payment_USD_naujas_1.xml", 1),
            ("xml-moov/International_payment_RUB_naujas_1.xml", 1), ("xml-moov/FI_camt_053_sample.xml.xml", 0),
            ("xml-moov/FI_camt_054_sample.xml.xml", 0), ("tazama-json/pain.001.001.11.json", 1),
            ("tazama-json/pacs.008.001.10.json", 1), ("tazama-json/pacs.002.001.12.json", 1),
        })
        {
            var answer = await server.SendAsync(HttpMethod.Post, Path, TestData.Bytes("iso20022/" + file));
            Assert.True(answer.Status == HttpStatusCode.OK, file + ": " + answer.Text);
            TestContext.Current.TestOutputHelper?.WriteLine($"{file}: {string.Join(' ', Statuses(answer))}");
            Assert.True(count == 0 || Statuses(answer).Count == count, file + ": " + answer.Text);
        }

        // Its header speaks of seven payments, and there are eight.
        var miscounted = await server.SendAsync(
            HttpMethod.Post, Path, TestData.Bytes("iso20022/xml-moov/musterfile_pain.001_Nov2020.xml"));
        Assert.Equal("monitoring.message_count", miscounted.Json["errors"]![0]!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_message_of_tazama_is_taken_as_a_document_and_as_a_line()
    {
        TestData.SkipUnlessPresent("iso20022/tazama-json");
        var reference = NewId();
        var pretty = Encoding.UTF8.GetString(TestData.Bytes("iso20022/tazama-json/pacs.008.001.10.json"))
            .Replace("e2e-0001-5ab4fc7355de4ef8a75b78b00a681ed2", reference, StringComparison.Ordinal);
        var line = JsonNode.Parse(pretty)!.ToJsonString();

        var document = await server.PostAsync(Path, pretty);
        var lines = await server.PostAsync(Path, line + "\n" + "{not json" + "\n");

        Assert.Equal(["decided"], Statuses(document));
        var kept = await TransactionAsync(document, 0);
        Assert.Equal(("dbtr_0001", "dbtrAcct_0001", "9500.25"),
            (Text(kept["debtor"]!, "customer"), Text(kept["debtor"]!, "account"), Text(kept, "amount")));
        Assert.Equal(("MP2P", "-3.1291", "39.0006"), (
            Text(kept, "purpose"), Text(kept["location"]!, "latitude"), Text(kept["location"]!, "longitude")));
        Assert.Equal("duplicate", Text(lines.Lines[0]["transactions"]![0]!, "status"));
        Assert.Equal("json.syntax", Text(lines.Lines[1], "code"));
    }

    [Fact]
    public async Task A_large_original_is_kept_in_parts()
    {
        // Random digits, so that it stays large when it is packed.
        var random = new SampleRandom(7);
        var noise = string.Concat(Enumerable.Range(0, 60_000).Select(_ => random.Below(int.MaxValue).ToString(
            "X8", System.Globalization.CultureInfo.InvariantCulture)));
        var message = Wire.Pacs008(NewId(), Wire.Transfer(NewId(), "5.00")) + "<!--" + noise + "-->";
        var size = await server.SizeAsync();

        var answer = await SendAsync(message);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        var entries = await server.EntriesFromAsync(size);
        Assert.True(entries.Count(entry => Text(entry, "type") == MonitoringEvents.MessageReceived) > 1);
        var original = await server.GetAsync(
            $"/api/v1/transactions/{Text(answer.Json["transactions"]![0]!, "id")}/original");
        Assert.Equal(Wire.Bytes(message), original.Bytes);
    }

    private static string NewId() => Wire.Name("m", Interlocked.Increment(ref s_next));

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();

    private static List<string> Statuses(Answer answer) =>
        [.. answer.Json["transactions"]!.AsArray().Select(item => Text(item!, "status"))];

    private Task<Answer> SendAsync(string message) => server.SendAsync(
        HttpMethod.Post, Path, Wire.Bytes(message));

    private async Task<JsonNode> TransactionAsync(Answer answer, int at) => (await server.GetAsync(
        $"/api/v1/transactions/{Text(answer.Json["transactions"]![at]!, "id")}")).Json["transaction"]!;

    private async Task ReplaysAsync()
    {
        var answer = await server.PostAsync("/api/v1/monitoring:replay", "{}");
        Assert.Equal(answer.Json["decisions"]!.GetValue<long>(), answer.Json["identical"]!.GetValue<long>());
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        Assert.True(await db.Set<StepRow>().AnyAsync(TestContext.Current.CancellationToken));
    }
}
