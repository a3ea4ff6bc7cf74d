using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Customers;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;
using Probity.Server.Storage.Sqlite;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>What the embedded store said of parties counts until a commit changes it, whoever makes it.</summary>
public sealed class PartyMemoryTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Hit =
        "INSERT INTO screening_hit (id, customer_id, external_id, list, entity_uid, entry_sha256, customer_digest, "
        + "score, status, evidence, found_at, updated_at, entry_id) "
        + "VALUES ('hit_' || @id, @id, 'x', 'own', '1', printf('%064d', 0), 'd', 9000, 'open', '{}', 0, 0, 'evt_x')";

    private const string Result =
        "INSERT INTO screening_result VALUES (@id, 1, printf('%064d', 0), 0, '{}', 0, 'evt_x')";

    private static int s_made;

    [Theory]
    [InlineData("", "UPDATE customer_record SET rating = 'high' WHERE id = @id")]
    [InlineData("", "UPDATE customer_record SET review_due_on = '2026-01-01' WHERE id = @id")]
    [InlineData("", "UPDATE customer_record SET onboarding = 'refused' WHERE id = @id")]
    [InlineData("", "UPDATE customer_record SET checks = 'standard passed:identity' WHERE id = @id")]
    [InlineData("", "UPDATE customer_record SET version = version + 1 WHERE id = @id")]
    [InlineData("", "UPDATE customer_record SET sealed = x'00' WHERE id = @id")]
    [InlineData("", "UPDATE customer_record SET state = 'erased' WHERE id = @id")]
    [InlineData("", Result)]
    [InlineData(Result, "UPDATE screening_result SET customer_version = 2 WHERE customer_id = @id")]
    [InlineData(Result, "DELETE FROM screening_result WHERE customer_id = @id")]
    [InlineData("", Hit)]
    [InlineData(Hit, "UPDATE screening_hit SET status = 'true_match' WHERE customer_id = @id")]
    [InlineData(Hit, "DELETE FROM screening_hit WHERE customer_id = @id")]
    public async Task A_change_of_one_party_has_that_one_asked_for_again(string before, string change)
    {
        var (changed, other) = (await RegisterAsync(), await RegisterAsync());
        await RunAsync(before, changed.Id);
        using var memory = Remembering(changed, other);

        await RunAsync(change, changed.Id);

        Assert.Equal([changed.Number], memory.Recall([changed.Number, other.Number], false, []).Missing);
    }

    [Theory]
    [InlineData("UPDATE customer_record SET external_id = external_id || '-new' WHERE id = @id")]
    [InlineData("INSERT INTO party_change (customer_id) "
        + "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 65540) SELECT @id FROM i")]
    public async Task Where_it_cannot_be_told_who_changed_all_are_asked_for_again(string change)
    {
        var (changed, other) = (await RegisterAsync(), await RegisterAsync());
        using var memory = Remembering(changed, other);

        await RunAsync(change, changed.Id);

        Assert.Equal(
            [changed.Number, other.Number], memory.Recall([changed.Number, other.Number], false, []).Missing);
    }

    /// <summary>A column that comes later is either watched, or stands here since no decision rests on it.</summary>
    [Fact]
    public async Task Every_column_of_a_customer_is_watched_or_is_known_to_say_nothing_to_a_decision()
    {
        string[] silent =
        [
            "kind", "legal_entity", "key_id", "created_at", "updated_at", "entry_id", "rating_id", "rated_by",
            "rated_at", "rerate_at", "standing_version", "documents_end_on",
        ];

        var columns = await ReadAsync("SELECT name FROM pragma_table_info('customer_record')");
        var triggers = string.Join('\n', await ReadAsync(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'customer_record'"));
        var watched = Regex.Matches(triggers, "UPDATE OF (.*?) ON", RegexOptions.Singleline)
            .SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries));

        Assert.Equal(columns.Order(), watched.Concat(silent).Order());
    }

    [Fact]
    public async Task What_was_read_before_a_change_is_not_kept_after_it()
    {
        var party = await RegisterAsync();
        using var memory = Memory();
        var (missing, asOf) = memory.Recall([party.Number], false, []);
        await RunAsync("UPDATE customer_record SET rating = 'high' WHERE id = @id", party.Id);
        memory.Recall([], false, []); // Another question meanwhile has taken the change.

        memory.Keep(asOf, false, missing, Known(party));

        Assert.Equal([party.Number], memory.Recall([party.Number], false, []).Missing);
    }

    [Fact]
    public async Task Who_was_not_registered_is_found_once_registered_and_screening_that_begins_asks_for_all()
    {
        var number = NewNumber();
        using var memory = Memory();
        var (missing, asOf) = memory.Recall([number], false, []);
        memory.Keep(asOf, false, missing, new Dictionary<string, KnownParty>());
        Assert.Empty(memory.Recall([number], false, []).Missing);

        var party = await RegisterAsync(number);

        (missing, asOf) = memory.Recall([number], false, []);
        Assert.Equal([number], missing);
        memory.Keep(asOf, false, missing, Known(party));
        Assert.Empty(memory.Recall([number], false, []).Missing);
        Assert.Equal([number], memory.Recall([number], true, []).Missing);
    }

    [Fact]
    public async Task Facts_of_decisions_follow_what_another_program_commits()
    {
        var party = await RegisterAsync();
        Assert.Equal(ScreeningState.Clear, (await FactsAsync(party.Number)).Screening);

        await RunAsync(Hit, party.Id);
        Assert.Equal(ScreeningState.Possible, (await FactsAsync(party.Number)).Screening);

        await RunAsync("UPDATE screening_hit SET status = 'true_match' WHERE customer_id = @id", party.Id);
        Assert.Equal(ScreeningState.Confirmed, (await FactsAsync(party.Number)).Screening);

        await RunAsync("UPDATE customer_record SET rating = 'low' WHERE id = @id", party.Id);
        Assert.Equal(CustomerRating.Low, (await FactsAsync(party.Number)).Rating);
    }

    [Fact]
    public async Task Customers_opened_ahead_are_known_as_they_are_in_the_store()
    {
        var (party, rated) = (await RegisterAsync(), await RegisterAsync());
        var parties = server.Services.GetRequiredService<RegisteredParties>();
        var before = await parties.WarmAsync(default);
        Assert.True(before >= 2);
        await RunAsync("UPDATE customer_record SET rating = 'high' WHERE id = @id", rated.Id);
        await RegisterAsync();

        Assert.Equal(before + 1, await parties.WarmAsync(default));
        Assert.Equal(CustomerRating.Medium, (await FactsAsync(party.Number)).Rating);
        Assert.Equal(CustomerRating.High, (await FactsAsync(rated.Number)).Rating);
    }

    [Fact]
    public async Task Who_is_registered_while_monitoring_asks_is_opened_ahead_and_known_as_in_the_store()
    {
        var services = server.Services;
        await using var parties = new RegisteredParties(
            services.GetRequiredService<IDatabase>(), services.GetRequiredService<CustomerSeal>(),
            services.GetRequiredService<IScreeningStates>());
        var (early, late, changed) = (await RegisterAsync(), await RegisterAsync(), await RegisterAsync());
        await CommittedAsync(parties, early); // Nobody asks yet: an installation that does not monitor keeps nothing.
        Assert.Equal((0, false), (parties.Changed, parties.Asked.IsCompleted));

        Assert.Equal(CustomerRating.Medium, (await FactsAsync(early.Number, parties)).Rating);
        Assert.True(parties.Asked.IsCompleted);
        await CommittedAsync(parties, late);
        await CommittedAsync(parties, changed);
        await CommittedAsync(parties, changed);
        Assert.Equal(3, parties.Changed);
        Assert.True(await parties.WaitForChangeAsync(default));
        Assert.Equal((2, 0), (await parties.WarmChangedAsync(default), parties.Changed));

        // What stands in its place does not open, which only who opens it would see: it was opened before.
        await RunAsync("UPDATE customer_record SET sealed = x'00' WHERE id = @id", late.Id);
        await RunAsync("UPDATE customer_record SET rating = 'high' WHERE id = @id", changed.Id);
        Assert.Equal(late.Number, (await FactsAsync(late.Number, parties)).Id);
        Assert.Equal(CustomerRating.High, (await FactsAsync(changed.Number, parties)).Rating);
        await RunAsync("UPDATE customer_record SET version = version + 1 WHERE id = @id", late.Id);
        await Assert.ThrowsAsync<CryptographicException>(() => FactsAsync(late.Number, parties));
    }

    private async Task CommittedAsync(RegisteredParties parties, Party party)
    {
        await using var db = server.Services.GetRequiredService<IDatabase>().CreateContext();
        var row = await db.Set<CustomerRow>().SingleAsync(item => item.Id == party.Id);
        parties.Committed(row, server.Services.GetRequiredService<CustomerSeal>().Open(row));
    }

    private static string NewNumber() => $"pm-{Interlocked.Increment(ref s_made)}";

    private static Dictionary<string, KnownParty> Known(params Party[] parties) => parties.ToDictionary(
        party => party.Number, party => new KnownParty(new CustomerFacts(party.Number, 1), []));

    private PartyMemory Memory() =>
        new(Assert.IsType<SqliteDatabase>(server.Services.GetRequiredService<IDatabase>()));

    private PartyMemory Remembering(params Party[] parties)
    {
        var memory = Memory();
        var (missing, asOf) = memory.Recall([.. parties.Select(party => party.Number)], false, []);
        memory.Keep(asOf, false, missing, Known(parties));
        Assert.Empty(memory.Recall(missing, false, []).Missing);
        return memory;
    }

    private async Task<Party> RegisterAsync(string? number = null)
    {
        number ??= NewNumber();
        var made = await server.PostAsync(
            "/api/v1/customers",
            new JsonObject
            {
                ["external_id"] = number, ["kind"] = "person",
                ["names"] = new JsonArray(new JsonObject { ["text"] = "Ann Example" }),
            }.ToJsonString());
        return new Party(made.Json["id"]!.GetValue<string>(), number);
    }

    private async Task<CustomerFacts> FactsAsync(string number, RegisteredParties? source = null)
    {
        var transaction = new Transaction
        {
            Key = new TransactionKey("test", "t-1"), OccurredAt = DateTimeOffset.UnixEpoch, Type = "wire",
            Amount = new Money(1, CurrencyCode.Parse("EUR")), Debtor = new TransactionParty("a", number),
            Creditor = new TransactionParty("b"),
        };
        source ??= server.Services.GetRequiredService<RegisteredParties>();
        var known = await source.OfAsync([transaction], default);
        return known.Of(transaction).Debtor.Customer!;
    }

    // Past the server's own ways, as another program with the file would.
    private Task RunAsync(string sql, string id) => sql.Length == 0 ? Task.CompletedTask
        : server.Services.GetRequiredService<IDatabase>().WriteAsync(
            async (connection, transaction, token) =>
            {
                await using var command = connection.CreateCommand();
                command.Transaction = transaction;
#pragma warning disable CA2100 // The text of a test.
                command.CommandText = sql;
#pragma warning restore CA2100
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = ("@id", id);
                command.Parameters.Add(parameter);
                await command.ExecuteNonQueryAsync(token);
            },
            TestContext.Current.CancellationToken);

    private async Task<List<string>> ReadAsync(string sql)
    {
        await using var connection = await server.Services.GetRequiredService<IDatabase>().OpenReaderAsync(default);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text of a test.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private sealed record Party(string Id, string Number);
}
