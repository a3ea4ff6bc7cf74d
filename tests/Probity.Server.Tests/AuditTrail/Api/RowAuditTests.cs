using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>Rows changed in the database, past the server. Each test ends with the rows as they should be, and sound.</summary>
public abstract class RowAuditTests(RunningServer server)
{
    protected RunningServer Server => server;

    private string Schema => server.Services.GetRequiredService<ILedgerStore>().Kind == "postgresql" ? "probity." : "";

    [Fact]
    public async Task A_changed_column_is_named_with_its_table_row_and_entry()
    {
        var (id, _) = await server.NewKeyAsync("ledger.entry.read");
        await IsSoundAsync();
        var entry = await ReadAsync($"SELECT entry_id FROM {Schema}api_key WHERE id = '{id}'");

        await ExecuteAsync($"UPDATE {Schema}api_key SET scopes = 'access.key.manage' WHERE id = '{id}'");
        var finding = await FindingAsync();
        await ExecuteAsync($"UPDATE {Schema}api_key SET scopes = 'ledger.entry.read' WHERE id = '{id}'");

        Assert.Equal(
            ("row_changed", "api_key", id, entry),
            (Text(finding, "kind"), Text(finding, "table"), Text(finding, "key"), Text(finding, "entry")));
        Assert.Equal(["scopes"], finding["columns"]!.AsArray().Select(column => column!.GetValue<string>()));
        await IsSoundAsync();
    }

    [Fact]
    public async Task A_column_that_an_older_entry_set_is_compared_too()
    {
        var (id, _) = await server.NewKeyAsync("ledger.entry.read");
        await server.SendAsync(HttpMethod.Delete, $"/api/v1/api-keys/{id}");
        await IsSoundAsync();

        await ExecuteAsync($"UPDATE {Schema}api_key SET name = 'other' WHERE id = '{id}'");
        var finding = await FindingAsync();
        await ExecuteAsync($"UPDATE {Schema}api_key SET name = 'test' WHERE id = '{id}'");

        Assert.Equal(("row_changed", id), (Text(finding, "kind"), Text(finding, "key")));
        await IsSoundAsync();
    }

    [Fact]
    public async Task A_row_set_back_to_an_earlier_state_is_found()
    {
        var (id, _) = await server.NewKeyAsync("ledger.entry.read");
        var created = await ReadAsync($"SELECT entry_id FROM {Schema}api_key WHERE id = '{id}'");
        await server.SendAsync(HttpMethod.Delete, $"/api/v1/api-keys/{id}");
        var revoked = await ReadAsync($"SELECT entry_id FROM {Schema}api_key WHERE id = '{id}'");
        var at = await ReadAsync($"SELECT revoked_at FROM {Schema}api_key WHERE id = '{id}'");
        Assert.NotEqual(created, revoked);

        await ExecuteAsync($"UPDATE {Schema}api_key SET revoked_at = NULL, entry_id = '{created}' WHERE id = '{id}'");
        var finding = await FindingAsync();
        await ExecuteAsync($"UPDATE {Schema}api_key SET revoked_at = {at}, entry_id = '{revoked}' WHERE id = '{id}'");

        Assert.Equal(
            ("row_rolled_back", id, revoked), (Text(finding, "kind"), Text(finding, "key"), Text(finding, "entry")));
        await IsSoundAsync();
    }

    [Fact]
    public async Task A_row_removed_and_a_row_added_past_the_server_are_found()
    {
        const string Columns = "action, schema, version, updated_at, entry_id";
        var put = await server.SendAsync(
            HttpMethod.Put, "/api/v1/event-schemas/gone", Encoding.UTF8.GetBytes("""{"type":"object"}"""));
        Assert.True(put.Status == System.Net.HttpStatusCode.OK, put.Text);
        await IsSoundAsync();

        await ExecuteAsync($"CREATE TABLE {Schema}kept AS SELECT * FROM {Schema}event_schema WHERE action = 'gone'");
        await ExecuteAsync($"DELETE FROM {Schema}event_schema WHERE action = 'gone'");
        var removed = await FindingAsync();
        await ExecuteAsync($"INSERT INTO {Schema}event_schema ({Columns}) SELECT {Columns} FROM {Schema}kept");
        await ExecuteAsync(
            $"INSERT INTO {Schema}event_schema ({Columns}) SELECT 'new', schema, version, updated_at, entry_id FROM {Schema}kept");
        var added = await FindingAsync();
        await ExecuteAsync($"DELETE FROM {Schema}event_schema WHERE action = 'new'");
        await ExecuteAsync($"DROP TABLE {Schema}kept");

        Assert.Equal(("row_deleted", "gone"), (Text(removed, "kind"), Text(removed, "key")));
        Assert.Equal(("row_inserted", "new"), (Text(added, "kind"), Text(added, "key")));
        await IsSoundAsync();
    }

    [Fact]
    public async Task What_is_operational_may_change_and_rows_are_compared_only_when_asked()
    {
        var (id, _) = await server.NewKeyAsync("ledger.entry.read");

        await ExecuteAsync($"UPDATE {Schema}api_key SET last_used_day = '2026-01-01' WHERE id = '{id}'");

        await IsSoundAsync();
        Assert.Null((await server.PostAsync("/api/v1/ledger:verify", "{}")).Json["rows"]);
        (await server.PostAsync("/api/v1/ledger:verify", """{"rows":"yes"}""")).IsProblem(
            System.Net.HttpStatusCode.UnprocessableEntity, "request.bad_field", "/rows");
    }

    private async Task IsSoundAsync()
    {
        var report = await ReportAsync();
        Assert.True(report["sound"]!.GetValue<bool>(), report.ToJsonString());
        Assert.True(report["rows"]!["rows"]!.GetValue<long>() > 0);
    }

    private async Task<JsonNode> FindingAsync()
    {
        var report = await ReportAsync();
        Assert.False(report["sound"]!.GetValue<bool>());
        Assert.Empty(report["findings"]!.AsArray());
        return Assert.Single(report["rows"]!["findings"]!.AsArray())!;
    }

    private async Task<JsonNode> ReportAsync() =>
        (await server.PostAsync("/api/v1/ledger:verify", """{"rows":true}""")).Json;

    private static string Text(JsonNode finding, string member) => finding[member]!.GetValue<string>();

    protected async Task ExecuteAsync(string sql) => await RunAsync(sql);

    private async Task<string> ReadAsync(string sql) =>
        Convert.ToString(await RunAsync(sql), CultureInfo.InvariantCulture) ?? "";

    private async Task<object?> RunAsync(string sql)
    {
        await using var connection = await server.Services.GetRequiredService<IDatabase>().OpenOwnerAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written here, with ids the server made.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
