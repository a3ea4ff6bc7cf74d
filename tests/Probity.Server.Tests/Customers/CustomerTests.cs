using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Customers;
using Probity.Server.Storage;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Customers;

/// <summary>Customers over the API: registered once, changed by version, found by words, sealed at rest.</summary>
public abstract class CustomerTests(RunningServer server)
{
    private const string Path = "/api/v1/customers";
    private static int s_made;

    [Fact]
    public async Task A_customer_is_registered_read_and_leaves_its_entry()
    {
        var number = NewNumber();
        var size = await server.SizeAsync();

        var made = await server.PostAsync(Path, Body(number, "Agnieszka Zielińska"));

        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        Assert.Equal("\"1\"", made.Headers["ETag"]);
        var id = Text(made.Json, "id");
        var read = await server.GetAsync($"{Path}/{id}");
        Assert.Equal("Agnieszka Zielińska", Text(read.Json["customer"]!["names"]![0]!, "text"));
        Assert.Equal("primary", Text(read.Json["customer"]!["names"]![0]!, "kind"));
        var entries = await server.EntriesFromAsync(size);
        Assert.Equal(
            [CustomerEvents.Recorded, CustomerEvents.Read], entries.Select(entry => Text(entry, "type")));
        var opened = await OpenAsync(size);
        Assert.Equal("Agnieszka Zielińska", Text(opened["data"]!["customer"]!["names"]![0]!, "text"));
        Assert.Equal(("customer", number),
            (Text(opened["targets"]![0]!, "type"), Text(opened["targets"]![0]!, "id")));
    }

    [Fact]
    public async Task Neither_the_row_nor_the_entry_holds_a_name_in_clear()
    {
        var number = NewNumber();
        var size = await server.SizeAsync();
        var made = await server.PostAsync(Path, Body(number, "Wolfhart Quintrell"));
        var id = Text(made.Json, "id");

        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var row = await db.Set<CustomerRow>().AsNoTracking().SingleAsync(
            item => item.Id == id, TestContext.Current.CancellationToken);

        Assert.StartsWith("sub_", row.KeyId, StringComparison.Ordinal);
        Assert.DoesNotContain("Quintrell", Encoding.UTF8.GetString(row.Sealed), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "Quintrell", (await server.EntriesFromAsync(size))[0].ToJsonString(), StringComparison.Ordinal);
        var other = new CustomerRow
        {
            Id = CustomerRow.Prefix + "another", ExternalId = row.ExternalId, Kind = row.Kind, State = row.State,
            Version = row.Version, KeyId = row.KeyId, Sealed = row.Sealed, CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        };
        var seal = server.Services.GetRequiredService<CustomerSeal>();
        Assert.NotNull(seal.Open(row));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => seal.Open(other));
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_leaves_nothing()
    {
        var number = NewNumber();
        var first = await server.PostAsync(Path, Body(number, "Ann Example"));
        var size = await server.SizeAsync();

        var again = await server.PostAsync(Path, Body(number, " Ann Example "));

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal((Text(first.Json, "id"), 1), (Text(again.Json, "id"), again.Json["version"]!.GetValue<int>()));
        Assert.Equal(size, await server.SizeAsync());
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_refuses_another_version()
    {
        var made = await server.PostAsync(Path, Body(NewNumber(), "Ann Example"));
        var id = Text(made.Json, "id");

        var patched = await PatchAsync(
            id, """{"gender":"female","dates":[{"kind":"birth","date":"1980-03"}]}""", "\"1\"");
        var late = await PatchAsync(id, """{"gender":"male"}""", "\"1\"");

        Assert.True(patched.Status == HttpStatusCode.OK, patched.Text);
        Assert.Equal(2, patched.Json["version"]!.GetValue<int>());
        Assert.Equal("Ann Example", Text(patched.Json["customer"]!["names"]![0]!, "text"));
        late.IsProblem(HttpStatusCode.Conflict, "customers.changed");
        (await PatchAsync(id, """{"external_id":"other"}""", null))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/external_id");
        (await PatchAsync(id, """{"nickname":"x"}""", null))
            .IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", "/nickname");
        Assert.Equal("female", Text((await server.GetAsync($"{Path}/{id}")).Json["customer"]!, "gender"));
    }

    [Theory]
    [InlineData("""{"external_id":"","kind":"person","names":[{"text":"A"}]}""", "/external_id")]
    [InlineData("""{"external_id":"x","kind":"robot","names":[{"text":"A"}]}""", "/kind")]
    [InlineData("""{"external_id":"x","kind":"person"}""", "/names")]
    [InlineData("""{"external_id":"x","kind":"person","names":[{"text":" "}]}""", "/names/0")]
    [InlineData(
        """{"external_id":"x","kind":"person","names":[{"text":"A"}],"dates":[{"kind":"birth","date":"1981-02-30"}]}""",
        "/dates/0")]
    [InlineData(
        """{"external_id":"x","kind":"person","names":[{"text":"A"}],"countries":[{"kind":"tax","code":"Germany"}]}""",
        "/countries/0")]
    public async Task What_is_no_customer_is_refused_with_its_place(string body, string pointer)
    {
        var size = await server.SizeAsync();

        var answer = await server.PostAsync(Path, body);

        answer.IsProblem(HttpStatusCode.UnprocessableEntity, "request.bad_field", pointer);
        Assert.Equal(size, await server.SizeAsync());
    }

    [Fact]
    public async Task Customers_are_found_by_whole_words_and_numbers_page_by_page()
    {
        var word = $"Vnq{Guid.CreateVersion7():N}";
        for (var i = 0; i < 3; i++)
        {
            await server.PostAsync(Path, Body(NewNumber(), $"Zoë {word}"));
        }

        var first = await SearchAsync($$"""{"text":"ZOË {{word}}","page_size":2}""");
        var second = await SearchAsync(
            $$"""{"text":"ZOË {{word}}","page_size":2,"page_token":"{{Text(first.Json, "next_page_token")}}"}""");

        Assert.Equal((2, 1), (Count(first), Count(second)));
        Assert.Null(second.Json["next_page_token"]);
        Assert.Equal(0, Count(await SearchAsync($$"""{"text":"{{word[..10]}}"}""")));
        (await SearchAsync("""{"text":"--"}""")).IsProblem(
            HttpStatusCode.UnprocessableEntity, "request.bad_field", "/text");
        var id = Text(first.Json["customers"]![0]!, "id");
        await PatchAsync(id, """{"names":[{"text":"Somebody Else"}]}""", null);
        Assert.Equal(2, Count(await SearchAsync($$"""{"text":"{{word}}"}""")));
    }

    [Fact]
    public async Task An_import_registers_each_line_and_says_what_is_wrong_with_the_others()
    {
        var (one, two) = (NewNumber(), NewNumber());
        var size = await server.SizeAsync();
        var lines = $$"""
            {"external_id":"{{one}}","kind":"person","names":[{"text":"Ann Example"}]}

            {"external_id":"{{two}}","kind":"person"}
            {"external_id":"{{one}}","kind":"person","names":[{"text":"Ann Changed"}]}
            no json
            {"external_id":"{{two}}","kind":"organisation","names":[{"text":"Beispiel GmbH"}]}
            """;

        var answer = await server.SendAsync(
            HttpMethod.Post, Path + ":import", Encoding.UTF8.GetBytes(lines), null,
            ("Content-Type", "application/x-ndjson"));

        Assert.Equal(
            ["1 created", "3 refused", "4 changed", "5 refused", "6 created"],
            answer.Lines.SkipLast(1).Select(line => $"{line["line"]} {line["outcome"]}"));
        Assert.Equal("/names", Text(answer.Lines[1]["problem"]!["errors"]![0]!, "pointer"));
        Assert.Equal(2, answer.Lines[^1]["summary"]!["created"]!.GetValue<int>());
        Assert.Equal(size + 3, await server.SizeAsync());
    }

    [Fact]
    public async Task A_table_is_imported_and_the_same_table_again_changes_nothing()
    {
        var number = NewNumber();
        var table = "external_id;kind;name;aliases;birth_date;nationality;identifiers;accounts\n"
            + $"{number};person;Ann Example;Annie|A. Example;1980-03;DK|SE;passport:AB123456@DK;"
            + "DE02100100100006820101/EUR@DE\n";

        var first = await ImportTableAsync(table);
        var again = await ImportTableAsync(table);
        var unknown = await ImportTableAsync("external_id,kind,name,shoe_size\nx,person,A,44\n");

        Assert.True("created" == Text(first.Lines[0], "outcome"), first.Text);
        Assert.Equal("unchanged", Text(again.Lines[0], "outcome"));
        Assert.Contains("shoe_size", Text(unknown.Lines[0]["problem"]!, "detail"), StringComparison.Ordinal);
        var read = (await server.GetAsync($"{Path}?external_id={number}")).Json["customers"]![0]!["customer"]!;
        Assert.Equal(3, read["names"]!.AsArray().Count);
        Assert.Equal("DK", Text(read["identifiers"]![0]!, "country"));
        Assert.Equal(("EUR", "DE"),
            (Text(read["accounts"]![0]!, "currency"), Text(read["accounts"]![0]!, "country")));
    }

    [Fact]
    public async Task Two_who_change_the_same_customer_at_once_both_succeed_or_are_told()
    {
        var number = NewNumber();
        await server.PostAsync(Path, Body(number, "Ann Example"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            server.PostAsync(Path, Body(number, $"Ann Example {(char)('A' + i)}"))));

        var kept = answers.Count(answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers, answer => Assert.True(
            answer.Status == HttpStatusCode.OK || answer.Code == "customers.changed", answer.Text));
        var read = (await server.GetAsync($"{Path}?external_id={number}")).Json["customers"]![0]!;
        Assert.Equal(kept + 1, read["version"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_row_changed_past_the_server_is_found()
    {
        var made = await server.PostAsync(Path, Body(NewNumber(), "Ann Example"));
        var id = Text(made.Json, "id");
        var audit = server.Services.GetRequiredService<RowAudit>();
        Assert.DoesNotContain((await audit.RunAsync(null, default)).Findings, finding => finding.Key == id);

        await server.Services.GetRequiredService<IDatabase>().WriteAsync(
            async (connection, transaction, token) =>
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandText = "UPDATE customer_record SET legal_entity = 'XX' WHERE id = @id";
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ("id", id);
                command.Parameters.Add(parameter);
                await command.ExecuteNonQueryAsync(token);
            },
            TestContext.Current.CancellationToken);

        var finding = Assert.Single((await audit.RunAsync(null, default)).Findings, item => item.Key == id);
        Assert.Equal("row_changed", finding.Kind);
    }

    private static string NewNumber() => $"c-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}";

    private static string Body(string number, string name) =>
        new JsonObject
        {
            ["external_id"] = number, ["kind"] = "person",
            ["names"] = new JsonArray(new JsonObject { ["text"] = name }),
        }.ToJsonString();

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static int Count(Answer answer) => answer.Json["customers"]!.AsArray().Count;

    private Task<Answer> SearchAsync(string body) => server.PostAsync(Path + ":search", body);

    private Task<Answer> PatchAsync(string id, string body, string? version) => server.SendAsync(
        HttpMethod.Patch, $"{Path}/{id}", Encoding.UTF8.GetBytes(body), null,
        version is null ? [] : [("If-Match", version)]);

    private Task<Answer> ImportTableAsync(string table)
    {
        using var content = new StringContent(table, Encoding.UTF8, "text/csv");
        return SendAsync(content.ReadAsByteArrayAsync());

        async Task<Answer> SendAsync(Task<byte[]> bytes)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path + ":import")
            {
                Content = new ByteArrayContent(await bytes),
            };
            request.Content.Headers.ContentType = new("text/csv");
            using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return new Answer(
                response.StatusCode, new Dictionary<string, string>(),
                await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    private async Task<JsonNode> OpenAsync(long seq)
    {
        var stored = await server.Services.GetRequiredService<ILedgerStore>().ReadEntriesAsync(seq, 1, default);
        return (await server.Services.GetRequiredService<EntryOpener>().OpenAsync(
            stored[0].Body, withBlobs: true, TestContext.Current.CancellationToken)).Json;
    }
}

public sealed class CustomersOnSqliteTests(RunningServer server) : CustomerTests(server), IClassFixture<RunningServer>;

public sealed class CustomersOnPostgresTests(PostgresRunningServer server)
    : CustomerTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;
