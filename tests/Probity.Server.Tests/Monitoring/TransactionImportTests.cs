using System.Text.Json.Nodes;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary><c>probity transactions import</c>: a table with its mapping, kept once however often it is
/// imported.</summary>
public sealed class TransactionImportTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private const string Table =
        "When;Von;An;Betrag;Währung\n03.02.2026 15:00;ACC-1;ACC-2;12.50;Euro\n"
        + "03.02.2026 16:00;ACC-2;ACC-3;99.00;Euro\n";

    private const string Mapping = """
        {"transaction_id":{"line":true},"occurred_at":{"column":"When","format":"dd.MM.yyyy HH:mm","offset":"+01:00"},
        "debtor_account":"Von","creditor_account":"An","amount":"Betrag",
        "currency":{"column":"Währung","words":{"Euro":"EUR"}},"type":{"value":"transfer"}}
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_table_is_kept_once_over_a_server()
    {
        await WriteAsync("t.csv", Table);
        await WriteAsync("m.json", Mapping);

        string[] there =
        [
            "--source", "branch", "--url", server.Url.ToString(), "--key", server.Key, "--data", _folder.At("unused"),
        ];
        var first = await ImportAsync("t.csv", there);
        var again = await ImportAsync("t.csv", there);

        Assert.True(first.Code == ExitCode.Done, first.Error);
        Assert.Equal(2, first.Json["outcomes"]!["decided"]!.GetValue<int>());
        Assert.Equal((ExitCode.Done, 2), (again.Code, again.Json["outcomes"]!["duplicate"]!.GetValue<int>()));
        var list = (await server.GetAsync("/api/v1/transactions?limit=2")).Json["transactions"]!.AsArray();
        Assert.Equal("2026-02-03T14:00:00Z", list[1]!["occurred_at"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_table_is_kept_once_in_a_data_folder_and_a_bad_row_is_named()
    {
        await WriteAsync("t.csv", Table + "03.02.2026 17:00;ACC-2;ACC-3;9,90;Euro\n");
        await WriteAsync("m.json", Mapping);

        var first = await ImportAsync("t.csv", "--data", _folder.At("data"));
        var again = await ImportAsync("t.csv", "--data", _folder.At("data"));

        Assert.True(first.Code == ExitCode.CannotTell, first.Error);
        Assert.Contains("line 4: amount: This is no amount", first.Error, StringComparison.Ordinal);
        Assert.Equal(2, first.Json["outcomes"]!["decided"]!.GetValue<int>());
        Assert.Equal(2, again.Json["outcomes"]!["duplicate"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_line_takes_an_earlier_one_back()
    {
        const string One =
            """{"source":"back","id":"1","occurred_at":"2026-03-02T15:00:00Z","amount":"5.00","currency":"USD","""
            + """ "type":"wire","debtor":{"account":"A"}}""";
        const string Back = """{"reverse":{"source":"back","id":"1","reason":"returned"}}""";

        var answer = await server.PostAsync(
            "/api/v1/transactions:ingest", $"{One}\n{Back}\n{Back}\n{Back.Replace("\"1\"", "\"2\"")}\n");

        Assert.Equal(
            ["decided", "reversed", "duplicate", "refused"],
            answer.Lines.Select(line => line["status"]!.GetValue<string>()));
        Assert.Equal("monitoring.transaction_not_found", answer.Lines[3]["code"]!.GetValue<string>());
    }

    public void Dispose() => _folder.Dispose();

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(_folder.At(name), text);

    private async Task<(int Code, JsonNode Json, string Error)> ImportAsync(string name, params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(
            ["transactions", "import", _folder.At(name), "--mapping", _folder.At("m.json"), "--json", .. more],
            Composition.Bodies, output, error);
        var text = output.ToString();
        return (code, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!, error.ToString());
    }
}
