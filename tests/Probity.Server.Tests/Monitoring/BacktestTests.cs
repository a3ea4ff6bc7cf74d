using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary><c>probity monitor backtest</c>: a table in, a table of alerts out, no server.</summary>
public sealed class BacktestTests : IDisposable
{
    private const string Header = "transaction_id,occurred_at,debtor_account,creditor_account,amount,currency,type\n";
    private const string Large =
        """{"name":"Large Transaction Monitoring","rule_type":"AML","jurisdiction":"US","conditions":"""
        + """{"amount_threshold":10000,"currency":"USD"},"actions":"""
        + """{"alert":true,"require_documentation":true},"severity":"HIGH"}""";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_threshold_is_met_at_the_exact_cent_and_the_table_has_the_columns_promised()
    {
        var run = await RunAsync(Header
            + "a,2026-03-02T15:00:00Z,A1,B1,9999.99,USD,wire\n"
            + "b,2026-03-02T15:00:01Z,A2,B2,10000.00,USD,wire\n"
            + "c,2026-03-02T16:00:02+01:00,A3,B3,10000.01,USD,wire\n");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Equal(
            [
                "alert_id,transaction_id,account,customer,time,rule,score,contributions",
                "alt_00000001,b,A2,,2026-03-02T15:00:01Z,Large Transaction Monitoring,0.7000,"
                    + "Large Transaction Monitoring=0.7000 both",
                "alt_00000002,c,A3,,2026-03-02T15:00:02Z,Large Transaction Monitoring,0.7000,"
                    + "Large Transaction Monitoring=0.7000 both",
            ],
            run.Alerts);
        Assert.Contains("3 of 3 judged, 2 alerts, 0 duplicates", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,1e5,USD,wire", "amount: This is no amount")]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,\"1,000.00\",USD,wire", "amount: This is no amount")]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,-5.00,USD,wire", "amount: Send an amount above 0")]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,0,USD,wire", "amount: Send an amount above 0")]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,1.005,USD,wire", "amount: The amount has more decimal places")]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,5.00,BTC,wire", "currency: This is no current code of ISO 4217")]
    [InlineData("x,02/03/2026,A1,B1,5.00,USD,wire", "occurred_at: This is no instant")]
    [InlineData("x,2026-02-30T00:00:00Z,A1,B1,5.00,USD,wire", "occurred_at: This is no instant")]
    [InlineData("x,2026-03-02T15:00:00Z,,,5.00,USD,wire", "debtor/account: Name at least one account")]
    [InlineData(",2026-03-02T15:00:00Z,A1,B1,5.00,USD,wire", "id: Send 1 to 128 characters")]
    [InlineData("x,2026-03-02T15:00:00Z,A1,B1,5.00,USD,", "type: Send 1 to 64 characters")]
    [InlineData("b,2026-03-02T15:00:09Z,A1,B1,5.00,USD,wire", "transaction_id: An earlier row has the same id")]
    public async Task A_row_that_cannot_be_judged_is_named_with_its_line_and_the_others_are_judged(
        string row, string told)
    {
        var run = await RunAsync(Header + "b,2026-03-02T15:00:01Z,A2,B2,10000.00,USD,wire\n" + row + "\n");

        Assert.Equal(ExitCode.CannotTell, run.Code);
        Assert.Contains("transactions.csv line 3: " + told, run.Error, StringComparison.Ordinal);
        Assert.Contains("1 rows were refused", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Alerts.Count);
    }

    [Fact]
    public async Task Rows_are_judged_in_the_order_of_their_time_whatever_the_order_of_the_file()
    {
        const string Second = """{"name":"Second of the day","rule_type":"AML","jurisdiction":"*","conditions":"""
            + """{"gte":[{"agg":{"fn":"count","key":"account","dir":"out","window":{"last":"24h"}}},2]}"""
            + ""","actions":{"alert":true},"severity":"HIGH"}""";

        var run = await RunAsync(
            Header
            + "late,2026-03-02T18:00:00Z,A1,B1,5.00,USD,wire\n"
            + "early,2026-03-02T12:00:00Z,A1,B2,5.00,USD,wire\n"
            + "early,2026-03-02T12:00:00Z,A1,B2,5.00,USD,wire\n",
            rule: Second);

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.StartsWith("alt_00000001,late,A1,", Assert.Single(run.Alerts.Skip(1)), StringComparison.Ordinal);
        Assert.Contains("1 duplicates", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mapping_says_where_fields_come_from()
    {
        const string Mapping = """
            {"transaction_id":{"line":true},
             "occurred_at":{"column":"day","first_day":"2025-01-01","first_day_number":1},
             "debtor_account":{"columns":["bank","acc"],"join":":"},"creditor_account":"to",
             "amount":{"column":"value","round":true},
             "currency":{"column":"cur","words":{"US Dollar":"USD"},"value":"USD"},"type":{"value":"wire"}}
            """;

        var run = await RunAsync(
            "day;bank;acc;to;value;cur\n31;007;A;B;10000.004;US Dollar\n32;007;A;B;10000.00;\nx;007;A;B;1;\n",
            mapping: Mapping);

        Assert.Equal(ExitCode.CannotTell, run.Code);
        Assert.Contains("line 4: occurred_at: This is no number of a day", run.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["2,007:A,,2025-01-31T00:00:00Z", "3,007:A,,2025-02-01T00:00:00Z"],
            run.Alerts.Skip(1).Select(line => string.Join(',', line.Split(',')[1..5])));
    }

    [Theory]
    [InlineData("""{"amont":"value"}""", "at /amont: there is no such field")]
    [InlineData("""{"amount":{"colum":"value"}}""", "\"colum\" is no member")]
    [InlineData("""{"amount":{"join":":"}}""", "neither \"column\"")]
    [InlineData("""{"amount":"value"}""", "there is no column \"value\" for amount")]
    [InlineData("""[]""", "the mapping is no JSON object")]
    [InlineData("""{"amount":""", "is no JSON")]
    public async Task A_bad_mapping_is_refused_with_its_place(string mapping, string told)
    {
        var run = await RunAsync(Header, mapping: mapping);

        Assert.Equal(ExitCode.CannotTell, run.Code);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Alerts);
    }

    [Fact]
    public async Task A_bad_rule_stops_the_run_with_its_place_and_fix()
    {
        var run = await RunAsync(Header, rule: Large.Replace("10000", "-1", StringComparison.Ordinal));

        Assert.Equal(ExitCode.CannotTell, run.Code);
        Assert.Contains("REFUSED rule.json/conditions/amount_threshold", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Alerts);
    }

    [Theory]
    [InlineData("US", 2)]
    [InlineData("DE", 1)]
    public async Task Customers_bring_their_accounts_law_and_rating(string law, int lines)
    {
        var run = await RunAsync(
            Header + "b,2026-03-02T15:00:01Z,A2,B2,10000.00,USD,wire\n",
            customers: $"customer_id,account_id,rating,jurisdiction\nc-1,A2,high,{law}\n");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Equal(lines, run.Alerts.Count);
        Assert.Equal(lines == 2, run.Alerts.Any(line => line.Contains(
            ",A2,c-1,2026-03-02T15:00:01Z,Large Transaction Monitoring,0.8000,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Published_rings_are_judged_with_the_shipped_rules()
    {
        const string Mapping = """
            {"transaction_id":{"line":true},"occurred_at":{"column":"timestamp","format":"yyyy/MM/dd HH:mm"},
             "debtor_account":{"columns":["from_bank","from_account"],"join":":"},
             "creditor_account":{"columns":["to_bank","to_account"],"join":":"},
             "amount":{"column":"amount_paid","round":true},
             "currency":{"column":"payment_currency","words":{"US Dollar":"USD","Euro":"EUR","Yuan":"CNY","Yen":"JPY",
               "Rupee":"INR","UK Pound":"GBP","Swiss Franc":"CHF","Ruble":"RUB","Canadian Dollar":"CAD",
               "Australian Dollar":"AUD","Mexican Peso":"MXN","Brazil Real":"BRL","Saudi Riyal":"SAR","Shekel":"ILS"}},
             "type":{"column":"payment_format","words":{"ACH":"ach"}}}
            """;
        TestData.SkipUnlessPresent("aml/amlworld/hi_small_rings.csv.gz");

        var run = await RunAsync(
            null, rule: null, mapping: Mapping, file: TestData.Path("aml/amlworld/hi_small_rings.csv.gz"));

        Assert.Equal(ExitCode.CannotTell, run.Code); // One transfer is in Bitcoin, which ISO 4217 does not know.
        Assert.Contains("2207 of 2207 judged", run.Error, StringComparison.Ordinal);
        Assert.Contains("1 rows were refused", run.Error, StringComparison.Ordinal);

        // There are no rates: what is not in US dollars meets no amount of a rule.
        Assert.True(run.Alerts.Count > 20, run.Error);
        Assert.Contains(run.Alerts, line => line.Contains("Scatter and gather", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(int Code, string Error, IReadOnlyList<string> Alerts)> RunAsync(
        string? table, string? rule = Large, string? mapping = null, string? customers = null, string? file = null)
    {
        var alerts = _folder.At("alerts.csv");
        List<string> line = ["monitor", "backtest", "--out", alerts];
        if (table is not null)
        {
            file = _folder.At("transactions.csv");
            await File.WriteAllTextAsync(file, table);
        }

        line.AddRange("--transactions", file!);
        if (rule is not null)
        {
            Directory.CreateDirectory(_folder.At("rules"));
            await File.WriteAllTextAsync(_folder.At("rules", "rule.json"), rule);
            line.AddRange("--rules", _folder.At("rules"));
        }

        foreach (var (name, text) in ((string, string?)[])
            [("--mapping", mapping), ("--customers", customers)])
        {
            if (text is not null)
            {
                var path = _folder.At(name.TrimStart('-'));
                await File.WriteAllTextAsync(path, text);
                line.AddRange(name, path);
            }
        }

        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await CommandLine.RunAsync(line, Composition.Bodies, output, error);
        Assert.Equal("", output.ToString());
        return (code, error.ToString(), File.Exists(alerts) ? await File.ReadAllLinesAsync(alerts) : []);
    }
}
