using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Packs;
using Probity.Server.Monitoring.Rules;
using Probity.Server.Storage;
using Probity.Server.Storage.Followers;
using Probity.Server.Tests.AuditTrail.Api;
using Probity.Server.Tests.Custody;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

public sealed class PackOnSqliteTests(RunningServer server) : PackTests(server), IClassFixture<RunningServer>;

public sealed class PackOnPostgresTests(PostgresRunningServer server)
    : PackTests(server.OrSkip()), IClassFixture<PostgresRunningServer>;

/// <summary>A start from packs is the start from the ledger, whatever became of a pack.</summary>
public abstract class PackTests(RunningServer server)
{
    private static int s_next;

    [Fact]
    public async Task A_state_from_packs_decides_as_one_from_the_ledger_to_the_byte()
    {
        await SubmitAsync(server, 45);

        await PackAsync(server.Services, 10);

        Assert.True(await CountAsync(server.Services) >= 4);
        await AssertSameAsync(server.Services);
    }

    [Theory]
    [InlineData("content")]
    [InlineData("short")]
    [InlineData("hash")]
    [InlineData("format")]
    [InlineData("steps")]
    public async Task A_pack_that_is_not_what_was_written_is_not_used_and_made_anew(string what)
    {
        await SubmitAsync(server, 25);
        await PackAsync(server.Services, 10);
        var database = server.Services.GetRequiredService<IDatabase>();
        var first = await SpoilAsync(database, what);

        await AssertSameAsync(server.Services);

        await using var db = database.CreateContext();
        var anew = await db.Set<PackRow>().SingleAsync(row => row.FirstSeq == first, Token);
        Assert.Equal(PackRow.CurrentFormat, anew.Format);
        var read = PackContent.Read(anew, server.Services.GetRequiredService<PackSeal>().Open(anew));
        Assert.Equal(anew.Steps, read.Count + read.Others.Count);
    }

    [Fact]
    public async Task A_pack_that_another_node_keeps_too_is_there_once_and_one_that_is_missing_is_filled_in()
    {
        await SubmitAsync(server, 25);
        await PackAsync(server.Services, 10);
        var before = await CountAsync(server.Services);
        var database = server.Services.GetRequiredService<IDatabase>();
        var packs = server.Services.GetRequiredService<StepPacks>();

        await database.SaveAsync(
            async (db, token) => db.Remove(await db.Set<PackRow>().OrderBy(row => row.FirstSeq).FirstAsync(token)),
            Token);
        await AssertSameAsync(server.Services);

        Assert.Equal(before, await CountAsync(server.Services));
        var writer = new PackWriter();
        await foreach (var step in server.Services.GetRequiredService<StepReader>().ReadAsync(0, 0, null, Token))
        {
            writer.Add(step);
        }

        await packs.KeepAsync(0, writer, Token);
        Assert.Equal(before, await CountAsync(server.Services));
    }

    [Fact]
    public void Every_member_of_a_transaction_comes_back()
    {
        var writer = new PackWriter();
        var steps = Enumerable.Range(1, 400).Select(number => (Step)new Step.Decided(
            number, Any(number), PartyFacts.None, []) { Seq = number, RecordedAt = default }).ToList();
        steps.ForEach(writer.Add);
        var row = new PackRow
        {
            FirstSeq = 0, LastSeq = 400, LastNumber = 400, Steps = 400, LastHash = new byte[32], Purged = 0, Keys = [],
            Format = PackRow.CurrentFormat, Content = [],
        };

        var read = PackContent.Read(row, writer.ToArray());

        Assert.Equal(
            steps.Cast<Step.Decided>().Select(step => (step.Number, step.Transaction)),
            Enumerable.Range(0, read.Count).Select(place => (read[place].Number, read.Open(place))));
        Assert.All(Enumerable.Range(0, read.Count), place => AssertAtHand(read, place));
        Assert.Throws<InvalidDataException>(() => PackContent.Read(row, writer.ToArray()[..^1]));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("currency")]
    [InlineData("type")]
    public void A_transaction_without_what_each_has_is_refused_when_it_is_read_and_not_when_it_is_asked_for(string what)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        to.Write(PackContent.Decided);
        to.Write7BitEncodedInt64(1);
        Text("s1");
        to.Write("t1");
        to.Write7BitEncodedInt64(DateTimeOffset.UnixEpoch.UtcTicks);
        to.Write(5m);
        Text(what == "currency" ? null : "USD");
        to.Write(new byte[8]); // Two parties of which nothing is known: none before, and no texts.
        Text(what == "type" ? null : "wire");
        to.Write(new byte[6]); // Neither channel, narrative, cash, purpose nor place; pending.
        to.Flush();
        var row = new PackRow
        {
            FirstSeq = 0, LastSeq = 1, LastNumber = 1, Steps = 1, LastHash = new byte[32], Purged = 0, Keys = [],
            Format = PackRow.CurrentFormat, Content = [],
        };

        if (what == "nothing")
        {
            Assert.Equal("wire", PackContent.Read(row, bytes.ToArray()).Open(0).Type);
            return;
        }

        var refused = Assert.Throws<InvalidDataException>(() => PackContent.Read(row, bytes.ToArray()));
        Assert.Contains("is missing", refused.Message, StringComparison.Ordinal);

        void Text(string? text)
        {
            to.Write7BitEncodedInt(text is null ? 0 : 1);
            if (text is not null)
            {
                to.Write(text);
            }
        }
    }

    private static PackContent? ReadOrNull(PackRow row, byte[] content)
    {
        try
        {
            return PackContent.Read(row, content);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>What is at hand of a packed transaction is what the whole of it says.</summary>
    private static void AssertAtHand(PackContent pack, int place)
    {
        var (item, whole) = (pack[place], pack.Open(place));
        Assert.Equal(whole.OccurredAt.UtcTicks, item.UtcTicks);
        Assert.Equal(whole.Amount, new Money(item.Units / 10_000m, item.Currency));
        Assert.Equal(whole.Status, item.Status);
        Assert.Equal(whole.Type, pack.Type(item.Type));
        Assert.Equal((whole.Debtor, whole.Creditor), (pack.Party(item.Debtor), pack.Party(item.Creditor)));
        Assert.Equal(TransactionKey.MarkOf(whole.Key.Source, whole.Key.Id), item.KeyMark);
    }

    [Fact]
    public void Bytes_that_are_no_pack_are_refused_and_never_read_past_their_end()
    {
        var writer = new PackWriter();
        Enumerable.Range(1, 30).Select(number => (Step)new Step.Decided(
            number, Any(number), PartyFacts.None, []) { Seq = number, RecordedAt = default }).ToList()
            .ForEach(writer.Add);
        writer.Add(new Step.Reversed(31, new TransactionKey("s1", "t7")) { Seq = 31, RecordedAt = default });
        var row = new PackRow
        {
            FirstSeq = 0, LastSeq = 31, LastNumber = 31, Steps = 31, LastHash = new byte[32], Purged = 0, Keys = [],
            Format = PackRow.CurrentFormat, Content = [],
        };
        var whole = writer.ToArray();
        Assert.Equal((30, 1), (PackContent.Read(row, whole).Count, PackContent.Read(row, whole).Others.Count));

        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => PackContent.Read(row, whole[..length]));
        }

        // A changed byte is another pack or none; it is never another kind of failure.
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var flip in (byte[])[1, 0x40, 0x80, 0xFF])
            {
                byte[] changed = [.. whole];
                changed[at] ^= flip;
                if (ReadOrNull(row, changed) is { } read)
                {
                    // What was read opens.
                    Assert.All(Enumerable.Range(0, read.Count), place => Assert.NotNull(read.Open(place).Type));
                    Assert.All(Enumerable.Range(0, read.Count), place => Assert.NotNull(read[place].Currency.Value));
                }
            }
        }
    }

    /// <summary>
    /// Layout 2, which also keeps purpose and place, as first written: another reading calls it another.
    /// </summary>
    [Fact]
    public void The_layout_is_the_one_that_was_released()
    {
        var writer = new PackWriter();
        writer.Add(new Step.Decided(7, Any(7), PartyFacts.None, []) { Seq = 9, RecordedAt = default });
        writer.Add(new Step.Reversed(8, new TransactionKey("s1", "t7")) { Seq = 10, RecordedAt = default });
        writer.Add(new Step.Erased(9) { Seq = 11, RecordedAt = DateTimeOffset.UnixEpoch });

        Assert.Equal(
            "138462aa9ffa092586ae13ac94afac51a1894bc9b171b6db2927e8d5e89bf7b4",
            Convert.ToHexStringLower(SHA256.HashData(writer.ToArray())));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Packs what the ledger holds, as the server's follower does, so many steps a pack.</summary>
    internal static async Task PackAsync(IServiceProvider services, int steps)
    {
        var follower = new PackFollower(
            services.GetRequiredService<StepPacks>(), services.GetRequiredService<StepReader>())
        {
            StepsOfPack = steps,
        };
        var store = services.GetRequiredService<ILedgerStore>();
        var next = await follower.ReadCursorAsync(Token);
        while (await store.ReadEntriesAsync(next, 7, Token) is { Count: > 0 } entries)
        {
            next = entries[^1].Seq + 1;
            await follower.ApplyAsync(
                [.. entries.Select(entry => new FollowedEntry(entry.Seq, entry.Body))], next, Token);
        }
    }

    internal static async Task<int> CountAsync(IServiceProvider services)
    {
        await using var db = services.GetRequiredService<IDatabase>().CreateContext();
        return await db.Set<PackRow>().CountAsync(Token);
    }

    /// <summary>A state made through packs and one made of the ledger judge the same transactions.</summary>
    internal static async Task AssertSameAsync(IServiceProvider services)
    {
        var steps = services.GetRequiredService<StepReader>();
        var fast = new MonitoringState(services.GetRequiredService<RuleLibrary>(), TimeProvider.System);
        var (next, number) = await services.GetRequiredService<StepPacks>().ReadAsync(fast, Token);
        Assert.True(next > 0 && number == fast.LastNumber, $"next {next}, number {number}, state {fast.LastNumber}");
        await foreach (var step in steps.ReadAsync(next, number, null, Token, withRecords: false))
        {
            await fast.TakeAsync(step, Token);
        }

        var slow = new MonitoringState(services.GetRequiredService<RuleLibrary>(), TimeProvider.System);
        await foreach (var step in steps.ReadAsync(0, 0, null, Token))
        {
            await slow.TakeAsync(step, Token);
        }

        Assert.Equal(slow.LastNumber, fast.LastNumber);
        Assert.Equal((slow.Engine!.Count, slow.Engine.Options), (fast.Engine!.Count, fast.Engine.Options));
        for (var i = 0; i < 40; i++)
        {
            var transaction = Any(i) with { Key = new TransactionKey("probe", Invariant(i)) };
            Assert.Equal(Record(slow.Engine, transaction), Record(fast.Engine, transaction));
        }

        await foreach (var step in steps.ReadAsync(0, 0, null, Token))
        {
            if (step is Step.Decided decided)
            {
                Assert.Equal(decided.Number, fast.Engine.NumberOf(decided.Transaction.Key));
                Assert.Equal(
                    slow.Engine.Submit(decided.Transaction, PartyFacts.None),
                    fast.Engine.Submit(decided.Transaction, PartyFacts.None));
            }
        }
    }

    internal static async Task SubmitAsync(RunningServer server, int count)
    {
        var last = Interlocked.Add(ref s_next, count); // Both stores are asked at the same time.
        var lines = string.Join('\n', Enumerable.Range(0, count).Select(at => Line(last - at)));
        var answer = await server.PostAsync("/api/v1/transactions:ingest", lines);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(count, answer.Lines.Count(line => line["status"]!.GetValue<string>() == "decided"));
        var taken = await server.PostAsync(
            "/api/v1/transactions:ingest",
            $$$"""{"reverse":{"source":"pack","id":"p{{{last}}}","reason":"returned"}}""");
        Assert.Equal("reversed", taken.Lines.Single()["status"]!.GetValue<string>());
    }

    private static async Task<long> SpoilAsync(IDatabase database, string what)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<PackRow>().AsNoTracking().OrderBy(item => item.FirstSeq).FirstAsync(Token);
        var bytes = row.Content.ToArray();
        bytes[^20] ^= 1;
        var spoiled = new PackRow
        {
            FirstSeq = row.FirstSeq,
            LastSeq = row.LastSeq,
            LastNumber = row.LastNumber,
            Steps = what == "steps" ? row.Steps - 1 : row.Steps,
            LastHash = what == "hash" ? SHA256.HashData(row.LastHash) : row.LastHash,
            Purged = row.Purged,
            Keys = row.Keys,
            Format = what == "format" ? 0 : row.Format,
            KeyId = row.KeyId,
            Content = what == "content" ? bytes : what == "short" ? row.Content[..9] : row.Content,
        };
        await database.SaveAsync(
            async (writing, token) =>
                writing.Remove(await writing.Set<PackRow>().SingleAsync(item => item.FirstSeq == row.FirstSeq, token)),
            Token);
        await database.SaveAsync(
            (writing, _) =>
            {
                writing.Add(spoiled);
                return Task.CompletedTask;
            },
            Token);
        return row.FirstSeq;
    }

    private static string Record(MonitoringEngine engine, Transaction transaction) =>
        engine.Evaluate(transaction, PartyFacts.None) is JudgeResult.Decided decided
            ? Convert.ToHexString(decided.Decision.Record.Span)
            : throw new InvalidOperationException("It was not judged.");

    private static string Line(int number) => System.Text.Json.JsonSerializer.Serialize(new
    {
        source = "pack",
        id = "p" + Invariant(number),
        occurred_at = string.Create(
            CultureInfo.InvariantCulture, $"2026-03-0{1 + (number % 7)}T15:00:{number % 60:D2}Z"),
        amount = string.Create(CultureInfo.InvariantCulture, $"{900 + (number * 37 % 9_000)}.50"),
        currency = "USD",
        type = "cash_in",
        debtor = new { country = "US" },
        creditor = new
        {
            account = "PA-" + Invariant(number % 4), customer = "pc-" + Invariant(number % 3), country = "US",
        },
    });

    private static Transaction Any(int seed) => new()
    {
        Key = new TransactionKey("s" + (seed % 3), "t" + Invariant(seed)),
        OccurredAt = new DateTimeOffset(2026, 3, 8, 12, 0, 0, TimeSpan.Zero)
            .AddMinutes(seed * (seed % 2 == 0 ? 1 : -1)),
        Amount = new Money((seed * 13 % 9_000) + 0.25m, CurrencyCode.Parse(seed % 5 == 0 ? "EUR" : "USD")),
        Debtor = seed % 4 == 0 ? new TransactionParty() : new TransactionParty("PA-" + (seed % 4), "pc-1", "US"),
        Creditor = new TransactionParty("PA-" + (seed % 3), seed % 2 == 0 ? null : "pc-" + (seed % 3), null),
        Type = seed % 4 == 0 ? "cash_in" : "wire",
        Channel = seed % 6 == 0 ? "branch" : null,
        Status = seed % 9 == 0 ? TransactionStatus.Pending : TransactionStatus.Settled,
        Narrative = seed % 7 == 0 ? "Überweisung " + seed : null,
        Cash = seed % 4 == 0 ? new CashFacts("p-9", null, "12", seed % 8 == 0) : null,
        Purpose = seed % 7 == 0 ? "SALA" : null,
        Location = seed % 7 == 0 ? new GeoPoint(-0.5m * (seed % 90), 10.0m + (seed % 100 * 0.1m)) : null,
    };

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a person's key alone opened does not outlive the key in a pack.</summary>
public sealed class PackErasureTests(SharedPostgres postgres)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task An_erased_person_is_in_no_pack_and_the_state_is_that_of_the_ledger(string store)
    {
        await using var server = await CustodyServer.StartAsync(store, postgres);
        for (var i = 0; i < 12; i++)
        {
            var answer = await Access.AccessServer.SendAsync(
                server.Key, HttpMethod.Post, "/api/v1/transactions",
                new
                {
                    source = "core", id = "e" + i, occurred_at = "2026-03-02T15:00:00Z", amount = "10.00",
                    currency = "USD", type = "wire",
                    debtor = new { account = "EA-" + (i % 2), customer = i % 2 == 0 ? "c-1" : "c-2" },
                    creditor = new { account = "EB" },
                });
            Assert.Equal(HttpStatusCode.Created, answer.Status);
        }

        await PackTests.PackAsync(server.Services, 5);
        Assert.True(await PackTests.CountAsync(server.Services) >= 2);
        await PackTests.AssertSameAsync(server.Services);
        await server.LetTimePassAsync();
        using var maker = await server.MakerAsync();
        var asked = await maker.PostAsync(
            "/api/v1/erasures", new { subject_type = "customer", subject_id = "c-1", reason = "request" });
        Assert.True(asked.Status == HttpStatusCode.Accepted, asked.Text);
        await server.AgreeAsync(asked.Json["approval_id"]!.GetValue<string>());
        var id = asked.Json["id"]!.GetValue<string>();
        await CustodyServer.UntilAsync(
            async () => (await maker.GetAsync("/api/v1/erasures")).Json["erasures"]!.AsArray()
                .Single(erasure => erasure!["id"]!.GetValue<string>() == id)!
                ["state"]!.GetValue<string>() == "complete",
            "the erasure to complete");

        Assert.Equal(0, await PackTests.CountAsync(server.Services));
        await PackTests.PackAsync(server.Services, 5);
        await PackTests.AssertSameAsync(server.Services);
    }
}
