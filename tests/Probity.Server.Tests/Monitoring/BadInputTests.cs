using System.Net;
using System.Text;
using Probity.Monitoring;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

public sealed class BadInputOnSqliteTests(RunningServer server) : BadInputTests(server), IClassFixture<RunningServer>;

public sealed class BadInputOnPostgresTests(PostgresRunningServer server)
    : BadInputTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>
/// The table of bad input: each is refused with a stable code, the place and what to do, and leaves nothing behind. The
/// test prints the table.
/// </summary>
public abstract class BadInputTests(RunningServer server)
{
    private const string Transaction =
        """{"source":"core","id":"bad-1","occurred_at":"2026-03-02T15:00:00Z","amount":"250.00","currency":"USD","""
        + """ "type":"wire","debtor":{"account":"A","country":"US"},"creditor":{"account":"B"}}""";

    private const string Rule =
        """{"name":"R","rule_type":"AML","jurisdiction":"US","conditions":"""
        + """{"amount_threshold":10000,"currency":"USD"},"actions":{"alert":true},"severity":"HIGH"}""";

    private const string Parties =
        "\"debtor\":{\"account\":\"A\",\"country\":\"US\"},\"creditor\":{\"account\":\"B\"}";

    private const string Conditions = """{"amount_threshold":10000,"currency":"USD"}""";

    private const string Book =
        """{"version":"v","pivot":"USD","rates":[{"currency":"EUR","from":"2026-01-01","value":"1.1"}],"""
        + """ "members":[],"thresholds":[],"calendars":[]}""";

    [Fact]
    public async Task Every_row_is_refused_with_its_place_and_nothing_is_half_stored()
    {
        var table = new StringBuilder(
            "\n| input | what is wrong | code | place | what the caller is told |\n|---|---|---|---|---|\n");
        var others = new List<string>();
        await server.PostAsync("/api/v1/transactions", Transaction.Replace("bad-1", "first", StringComparison.Ordinal));
        foreach (var (input, wrong, path, body, code, place) in Rows())
        {
            var size = await server.SizeAsync();

            var answer = path == "" ? null : await server.SendAsync(HttpMethod.Post, path, Wire.Bytes(body));
            var (told, at, text) = answer is null ? OfBook(body) : Told(answer);

            if (told != code || !at.StartsWith(place, StringComparison.Ordinal) || text.Length < 10)
            {
                others.Add($"{wrong}: {told} at {at}: {text} (wanted {code} at {place})");
            }

            Assert.Equal(size, await server.SizeAsync());
            table.Append("| ").AppendJoin(" | ", input, wrong, told, at, text).Append(" |\n");
        }

        TestContext.Current.TestOutputHelper!.WriteLine(table.ToString());
        Assert.True(others.Count == 0, string.Join('\n', others));
        // What is refused is not known later either: nothing half-stored waits in the state.
        var good = await server.PostAsync("/api/v1/transactions", Transaction);
        Assert.Equal(HttpStatusCode.Created, good.Status);
        var sound = await server.SendAsync(HttpMethod.Post, "/api/v1/transactions:ingest", Wire.Bytes(Sound("bad-m")));
        Assert.Equal(HttpStatusCode.OK, sound.Status);
    }

    private static IEnumerable<
        (string Input, string Wrong, string Path, string Body, string Code, string Place)> Rows() =>
        [.. Transactions(), .. Rules(), .. Rates(), .. Messages()];

    private static IEnumerable<(string, string, string, string, string, string)> Transactions()
    {
        (string, string, string, string, string, string) Row(
            string wrong, string from, string to, string code, string place) =>
            ("transaction", wrong, "/api/v1/transactions", Swap(Transaction, from, to), code, place);
        yield return Row("exponent in the amount", "\"250.00\"", "\"2.5e2\"", "monitoring.bad_amount", "/amount");
        yield return Row("amount of nothing", "\"250.00\"", "\"0.00\"", "monitoring.bad_amount", "/amount");
        yield return Row("negative amount", "\"250.00\"", "\"-250.00\"", "monitoring.bad_amount", "/amount");
        yield return Row(
            "amount beyond the limit", "\"250.00\"", "\"1000000000000\"", "monitoring.bad_amount", "/amount");
        yield return Row("tenth of a cent", "\"250.00\"", "\"250.001\"", "monitoring.bad_minor_units", "/amount");
        yield return Row("decimal comma", "\"250.00\"", "\"250,00\"", "monitoring.bad_amount", "/amount");
        yield return Row("currency that is none", "\"USD\"", "\"USX\"", "monitoring.bad_currency", "/currency");
        yield return Row("no currency", "\"currency\":\"USD\",", "", "monitoring.missing", "/currency");
        yield return Row(
            "time in words", "2026-03-02T15:00:00Z", "yesterday", "monitoring.bad_instant", "/occurred_at");
        yield return Row(
            "day that is none", "2026-03-02T15", "2026-02-30T15", "monitoring.bad_instant", "/occurred_at");
        yield return Row(
            "time before 1970", "2026-03-02T15", "1969-12-31T15", "monitoring.bad_instant", "/occurred_at");
        yield return Row(
            "country in small letters", "\"country\":\"US\"", "\"country\":\"us\"", "monitoring.bad_country",
            "/debtor/country");
        yield return Row("no account at all", Parties, "\"channel\":\"x\"", "monitoring.no_account", "/debtor/account");
        yield return Row(
            "status that is set elsewhere", "\"wire\"", "\"wire\",\"status\":\"reversed\"", "monitoring.bad_status",
            "/status");
        yield return Row(
            "member nobody knows", "\"wire\"", "\"wire\",\"colour\":\"red\"", "monitoring.unknown_member", "");
        yield return Row(
            "NUL in a text", "\"wire\"", "\"wire\",\"narrative\":\"a\\u0000b\"", "monitoring.bad_length",
            "/narrative");
        yield return Row("number for a text", "\"wire\"", "7", "monitoring.bad_type", "/type");
        yield return Row(
            "place off the Earth", "\"wire\"", "\"wire\",\"location\":{\"latitude\":\"90.1\",\"longitude\":\"0\"}",
            "monitoring.bad_location", "/location");
        yield return Row(
            "half a place", "\"wire\"", "\"wire\",\"location\":{\"latitude\":\"9.1\"}", "monitoring.missing",
            "/location/longitude");
        yield return Row(
            "place in words", "\"wire\"", "\"wire\",\"location\":{\"latitude\":\"north\",\"longitude\":\"0\"}",
            "monitoring.bad_location", "/location");
    }

    private static IEnumerable<(string, string, string, string, string, string)> Rules()
    {
        (string, string, string, string, string, string) Row(
            string wrong, string from, string to, string code, string place) =>
            ("rule", wrong, "/api/v1/monitoring/rules", Swap(Rule, from, to), code, place);
        yield return Row(
            "misspelt condition", "amount_threshold", "amount_treshold", "monitoring.unknown_member",
            "/conditions/amount_treshold");
        yield return Row("negative threshold", "10000", "-1", "monitoring.bad_amount", "/conditions/amount_threshold");
        yield return Row("severity that is none", "\"HIGH\"", "\"HUGE\"", "monitoring.unknown_word", "/severity");
        yield return Row("no severity", ",\"severity\":\"HIGH\"", "", "monitoring.missing_member", "");
        yield return Row(
            "field nobody knows", Conditions, "{\"gte\":[\"$amont\",1]}", "monitoring.unknown_field",
            "/conditions/gte/0");
        yield return Row(
            "text against number", Conditions, "{\"gte\":[\"$tx_type\",1]}", "monitoring.bad_type",
            "/conditions/gte");
        yield return Row(
            "list nobody keeps", Conditions, "{\"in_list\":[\"$country.debtor\",\"no_such_list\"]}",
            "monitoring.unknown_list", "/conditions/in_list");
    }

    private static IEnumerable<(string, string, string, string, string, string)> Rates()
    {
        (string, string, string, string, string, string) Row(string wrong, string from, string to, string place) =>
            ("rate", wrong, "", Swap(Book, from, to), "refused", place);
        yield return Row("rate of nothing", "\"1.1\"", "\"0\"", "/rates/0/value");
        yield return Row("negative rate", "\"1.1\"", "\"-1.1\"", "/rates/0/value");
        yield return Row("rate in words", "\"1.1\"", "\"about one\"", "/rates/0/value");
        yield return Row("currency that is none", "\"EUR\"", "\"EUX\"", "/rates/0/currency");
        yield return Row("day that is none", "2026-01-01", "2026-02-30", "/rates/0/from");
        yield return Row("rate without its day", "\"from\":\"2026-01-01\",", "", "/rates/0");
        yield return Row("pivot that is none", "\"USD\"", "\"US\"", "/pivot");
    }

    private static IEnumerable<(string, string, string, string, string, string)> Messages()
    {
        (string, string, string, string, string, string) Row(string wrong, string message, string code, string place) =>
            ("ISO 20022", wrong, "/api/v1/transactions:ingest", message, code, place);
        const string Transfer = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf";
        var sound = Sound("bad-m");
        yield return Row("document type", Typed(sound, ""), "monitoring.message_dtd", "/");
        yield return Row(
            "entity from a file",
            Swap(Typed(sound, "[<!ENTITY x SYSTEM \"file:///etc/passwd\">]"), "invoice", "&x;"),
            "monitoring.message_dtd", "/");
        yield return Row(
            "entities that multiply",
            Swap(Typed(sound, "[<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]"), "invoice", "&b;"),
            "monitoring.message_dtd", "/");
        yield return Row(
            "entity nobody declared", Swap(sound, "invoice", "&x;"), "monitoring.message_syntax", "/ (line");
        yield return Row("cut short", sound[..^30], "monitoring.message_syntax", "/ (line");
        yield return Row(
            "too deep", Swap(sound, "<RmtInf>", Nested(60) + "<RmtInf>"), "monitoring.message_too_large",
            Transfer + "/X");
        yield return Row(
            "message that is not judged", Swap(sound, "pacs.008.001.08", "pain.008.001.02"),
            "monitoring.message_unknown", "/Document");
        yield return Row(
            "version of the future", Swap(sound, "pacs.008.001.08", "pacs.008.001.99"),
            "monitoring.message_version", "/Document");
        yield return Row(
            "no namespace", Swap(sound, " xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"", ""),
            "monitoring.message_unknown", "/Document");
        yield return Row("no document", "<a/>", "monitoring.message_unknown", "/");
        yield return Row(
            "two documents", "<m>" + Document(sound) + Document(sound) + "</m>", "monitoring.message_many",
            "/Document[2]");
        yield return Row(
            "no header", Swap(Swap(sound, "<GrpHdr>", "<Hdr>"), "</GrpHdr>", "</Hdr>"),
            "monitoring.message_element_missing", "/Document/FIToFICstmrCdtTrf/GrpHdr");
        yield return Row(
            "no transaction", Wire.Pacs008("bad-m"), "monitoring.message_empty", "/Document/FIToFICstmrCdtTrf");
        yield return Row(
            "amount without currency", Swap(sound, " Ccy=\"EUR\"", ""), "monitoring.bad_currency",
            Transfer + "/IntrBkSttlmAmt/@Ccy");
        yield return Row(
            "currency that is none", Swap(sound, "\"EUR\"", "\"EUX\""), "monitoring.bad_currency",
            Transfer + "/IntrBkSttlmAmt/@Ccy");
        yield return Row(
            "amount in words", Swap(sound, ">10.00<", ">ten<"), "monitoring.bad_amount",
            Transfer + "/IntrBkSttlmAmt");
        yield return Row(
            "no amount", Swap(Swap(sound, "<IntrBkSttlmAmt", "<Other"), "</IntrBkSttlmAmt", "</Other"),
            "monitoring.message_element_missing", Transfer + "/IntrBkSttlmAmt");
        yield return Row(
            "time in words", Swap(sound, "2026-03-02T15:00:00Z", "today"), "monitoring.bad_instant",
            "/Document/FIToFICstmrCdtTrf/GrpHdr/CreDtTm");
        yield return Row(
            "count that differs", With("<NbOfTxs>2</NbOfTxs>"), "monitoring.message_count",
            "/Document/FIToFICstmrCdtTrf/GrpHdr/NbOfTxs");
        yield return Row(
            "control sum that differs", With("<CtrlSum>11</CtrlSum>"), "monitoring.message_sum",
            "/Document/FIToFICstmrCdtTrf/GrpHdr/CtrlSum");
        yield return Row(
            "total that differs", With("<TtlIntrBkSttlmAmt Ccy=\"EUR\">11</TtlIntrBkSttlmAmt>"),
            "monitoring.message_sum", "/Document/FIToFICstmrCdtTrf/GrpHdr/TtlIntrBkSttlmAmt");
        yield return Row(
            "no account on either side", sound.Replace("trAcct>", "trOther>", StringComparison.Ordinal),
            "monitoring.no_account", Transfer);
        yield return Row(
            "report on a payment nobody sent", Wire.Pacs002("never-sent", "RJCT"),
            "monitoring.transaction_not_found", "/Document/FIToFIPmtStsRpt/TxInfAndSts");
        yield return Row(
            "status that is none", Wire.Pacs002("never-sent", "FINE"), "monitoring.bad_status",
            "/Document/FIToFIPmtStsRpt/TxInfAndSts/TxSts");
        yield return Row(
            "booking without direction", Wire.Camt("camt.053", "FI1", Wire.Entry("1.00", "LEFT")),
            "monitoring.bad_direction", "/Document/BkToCstmrStmt/Stmt/Ntry/CdtDbtInd");
        yield return Row(
            "booking in an unknown state", Wire.Camt("camt.054", "FI1", Wire.Entry("1.00", "CRDT", "LOST")),
            "monitoring.bad_status", "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Sts/Cd");
        yield return Row(
            "JSON of a message that moves nothing", "{\"TxTp\":\"pain.013.001.09\",\n\"a\":{}}",
            "monitoring.message_unknown", "/TxTp");
        yield return Row(
            "JSON that says something twice", "{\n\"TxTp\":\"pacs.008.001.10\",\"TxTp\":\"x\"}",
            "monitoring.message_syntax", "/");
    }

    private static string Sound(string id) => Wire.Pacs008(id, Wire.Transfer("bad-r", "10.00"));

    private static string With(string header) =>
        Wire.Pacs008With(header, "bad-m", Wire.Transfer("bad-r", "10.00"));

    private static string Typed(string message, string subset) =>
        Swap(message, "<Document", $"<!DOCTYPE d {subset}><Document");

    private static string Nested(int depth) =>
        string.Concat(Enumerable.Repeat("<X>", depth)) + string.Concat(Enumerable.Repeat("</X>", depth));

    private static string Document(string message) =>
        message[message.IndexOf("<Document", StringComparison.Ordinal)..];

    private static string Swap(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal); // A row that changes nothing proves nothing.
        var at = text.IndexOf(from, StringComparison.Ordinal);
        return text[..at] + to + text[(at + from.Length)..];
    }

    private static (string Code, string Place, string Text) Told(Answer answer)
    {
        if (answer.Status != HttpStatusCode.UnprocessableEntity)
        {
            return (((int)answer.Status).ToString(System.Globalization.CultureInfo.InvariantCulture), "", answer.Text);
        }

        var fault = answer.Json["errors"]![0]!;
        return (Text(fault, "code"), Text(fault, "pointer"), Text(fault, "detail"));
    }

    private static string Text(System.Text.Json.Nodes.JsonNode json, string name) => json[name]!.GetValue<string>();

    private static (string Code, string Place, string Text) OfBook(string book)
    {
        var fault = Assert.Throws<FormatException>(() => ReferenceBookReader.Read(Wire.Bytes(book)));
        var colon = fault.Message.IndexOf(": ", StringComparison.Ordinal);
        return ("refused", fault.Message[..colon], fault.Message[(colon + 2)..]);
    }
}
