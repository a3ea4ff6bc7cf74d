using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Ledger.Merkle;
using Probity.Server.Access;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;
using Probity.Server.Storage.Commits;
using Probity.Server.Storage.Followers;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class UnitOfWorkTests(PostgresCluster cluster) : IClassFixture<PostgresCluster>
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 18, 19, 34, 123, 456, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(StoresAndWays))]
    public async Task An_insert_commits_with_its_entry_and_the_row_names_it(StoreKind kind, bool isTracked)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store);

        await InsertAsync(store, ledger, "evt_1", isTracked);

        var entry = Assert.Single(ledger.Entries);
        Assert.Null(entry.BeforeJson);
        Assert.Equal(
            """{"created_at":"2026-11-24T18:19:34.123456Z","expires_at":null,"id":"key_1","name":"n","owner":"o","owner_id":null,"prefix":"p1","revoked_at":null,"scopes":"a b","sha256":"[redacted]"}""",
            entry.AfterJson);
        Assert.Equal("evt_1", await EntryIdAsync(store));
    }

    [Theory]
    [MemberData(nameof(StoresAndWays))]
    public async Task An_update_records_only_what_changed_before_and_after(StoreKind kind, bool isTracked)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1", isTracked);

        await RevokeAsync(store, ledger, "evt_2", isTracked);

        var entry = ledger.Entries[^1];
        Assert.Equal("""{"revoked_at":null}""", entry.BeforeJson);
        Assert.Equal("""{"revoked_at":"2026-11-24T18:19:34.123456Z"}""", entry.AfterJson);
        Assert.Equal("evt_2", await EntryIdAsync(store));
    }

    [Theory]
    [MemberData(nameof(StoresAndWays))]
    public async Task A_row_changed_since_it_was_read_is_refused_and_nothing_is_written(StoreKind kind, bool isTracked)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1", isTracked);
        await using var slow = new UnitOfWork(store.Database, ledger);
        var (row, change) = await ReadAsync(slow, isTracked);
        await RevokeAsync(store, ledger, "evt_2", isTracked);

        row.RevokedAt = s_now.AddDays(1);
        slow.Record(Draft("evt_3"), change);
        var refusal = await Assert.ThrowsAsync<StorageException>(() => slow.CommitAsync(CancellationToken.None));

        Assert.Equal("storage.row_changed", refusal.Code);
        Assert.Equal("evt_2", await EntryIdAsync(store));
        Assert.Equal(2, ledger.Entries.Count);
    }

    [Theory]
    [MemberData(nameof(StoresAndWays))]
    public async Task When_the_append_fails_the_row_is_not_written_either(StoreKind kind, bool isTracked)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store) { FailAfterAlongside = true };

        await Assert.ThrowsAsync<IOException>(() => InsertAsync(store, ledger, "evt_1", isTracked));

        Assert.Equal(0L, await store.ScalarAsync("SELECT count(*) FROM " + store.Table("api_key")));
    }

    [Theory]
    [MemberData(nameof(StoresAndWays))]
    public async Task The_writer_may_run_the_change_again_after_a_lost_race(StoreKind kind, bool isTracked)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store) { RollBackFirst = true };

        await InsertAsync(store, ledger, "evt_1", isTracked);

        Assert.Equal("evt_1", await EntryIdAsync(store));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_audited_change_outside_a_unit_of_work_is_refused(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        await InsertAsync(store, new StandInLedger(store), "evt_1");

        var refusal = await Assert.ThrowsAsync<StorageException>(() => store.Database.SaveAsync(
            async (db, token) => (await db.Set<ApiKeyRow>().SingleAsync(token)).RevokedAt = s_now,
            CancellationToken.None));

        Assert.Equal(UnauditedChange.Code, refusal.Code);
        Assert.Equal(0L, await store.ScalarAsync(
            $"SELECT count(*) FROM {store.Table("api_key")} WHERE revoked_at IS NOT NULL"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_operational_member_may_change_without_an_entry(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        await InsertAsync(store, new StandInLedger(store), "evt_1");

        await store.Database.SaveAsync(
            async (db, token) => (await db.Set<ApiKeyRow>().SingleAsync(token)).LastUsedDay = "2026-11-24",
            CancellationToken.None);

        Assert.Equal("2026-11-24", await store.ScalarAsync("SELECT last_used_day FROM " + store.Table("api_key")));
    }

    [Fact]
    public async Task An_audited_change_without_an_entry_is_refused_at_commit()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ledger = new StandInLedger(store);
        await using var uow = new UnitOfWork(store.Database, ledger);
        uow.Add(Row());

        var refusal = await Assert.ThrowsAsync<StorageException>(() => uow.CommitAsync(CancellationToken.None));

        Assert.Equal(UnauditedChange.Code, refusal.Code);
        Assert.Empty(ledger.Entries);
    }

    [Fact]
    public async Task A_commit_without_an_entry_is_refused_and_says_what_to_do()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ledger = new StandInLedger(store);
        await using var empty = new UnitOfWork(store.Database, ledger);
        await using var read = new UnitOfWork(store.Database, ledger);
        Assert.Empty(await read.Db.Set<ApiKeyRow>().ToListAsync());

        foreach (var uow in (UnitOfWork[])[empty, read])
        {
            var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
                () => uow.CommitAsync(CancellationToken.None));
            Assert.Contains("No entry was recorded", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(ledger.Entries);
    }

    [Fact]
    public async Task A_row_changed_after_its_entry_was_made_is_refused()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var row = Row();
        var ledger = new StandInLedger(store) { BeforeAlongside = () => row.RevokedAt = s_now };
        await using var uow = new UnitOfWork(store.Database, ledger);
        uow.Add(row);
        uow.Record(Draft("evt_1"), row);

        var refusal = await Assert.ThrowsAsync<StorageException>(() => uow.CommitAsync(CancellationToken.None));

        Assert.Equal(UnauditedChange.Code, refusal.Code);
    }

    [Fact]
    public async Task An_entry_for_a_row_that_does_not_change_is_refused()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1");
        await using var uow = new UnitOfWork(store.Database, ledger);
        uow.Record(Draft("evt_2"), await uow.Db.Set<ApiKeyRow>().SingleAsync());

        await Assert.ThrowsAsync<InvalidOperationException>(() => uow.CommitAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_delete_records_the_whole_row_as_before()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1");
        await using var uow = new UnitOfWork(store.Database, ledger);
        var row = await uow.Db.Set<ApiKeyRow>().SingleAsync();
        uow.Remove(row);
        uow.Record(Draft("evt_2"), row);

        await uow.CommitAsync(CancellationToken.None);

        Assert.Null(ledger.Entries[^1].AfterJson);
        using var before = JsonDocument.Parse(ledger.Entries[^1].BeforeJson ?? string.Empty);
        Assert.Equal("key_1", before.RootElement.GetProperty("id").GetString());
        Assert.Equal(0L, await store.ScalarAsync("SELECT count(*) FROM api_key"));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Rows_past_the_change_tracker_are_written_in_their_order_with_tracked_ones(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1");
        await using var uow = new UnitOfWork(store.Database, ledger);
        var (known, change) = await ReadAsync(uow, isTracked: false);
        var (tracked, added) = (Row("key_2"), Row("key_3"));
        uow.Add(tracked);
        uow.Record(Draft("evt_2"), uow.Inserting(added));
        uow.Record(Draft("evt_3"), tracked);
        uow.Record(Draft("evt_4"), change);
        known.RevokedAt = s_now;
        added.RevokedAt = s_now.AddDays(1);

        await uow.CommitAsync(CancellationToken.None);

        Assert.Equal(["evt_1", "evt_2", "evt_3", "evt_4"], ledger.Entries.Select(entry => entry.Id));
        Assert.Equal(["key_1", "key_3", "key_2", "key_1"], ledger.Entries.Select(entry => entry.Targets[^1].Id));
        await using var db = store.Database.CreateContext();
        var rows = await db.Set<ApiKeyRow>().OrderBy(row => row.Id).ToListAsync();
        Assert.Equal([s_now, null, s_now.AddDays(1)], rows.Select(row => row.RevokedAt));
        Assert.All(rows, row => Assert.Equal(new byte[32], row.Sha256));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task A_row_that_is_there_already_is_refused_past_the_change_tracker(StoreKind kind)
    {
        await using var store = await TestStore.MigratedAsync(kind, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1");

        await Assert.ThrowsAsync<DbUpdateException>(() => InsertAsync(store, ledger, "evt_2", isTracked: false));

        Assert.Equal("evt_1", await EntryIdAsync(store));
    }

    [Fact]
    public async Task Past_the_change_tracker_a_change_without_an_entry_is_not_written_and_needs_an_audited_table()
    {
        await using var store = await TestStore.MigratedAsync(StoreKind.Sqlite, cluster);
        var ledger = new StandInLedger(store);
        await InsertAsync(store, ledger, "evt_1");
        await using var uow = new UnitOfWork(store.Database, ledger);
        var (row, change) = await ReadAsync(uow, isTracked: false);
        uow.Record(Draft("evt_2"), change);
        row.LastUsedDay = "2026-11-24"; // Needs no entry, so none may stand for it alone.

        await Assert.ThrowsAsync<InvalidOperationException>(() => uow.CommitAsync(CancellationToken.None));

        await using var other = new UnitOfWork(store.Database, ledger);
        Assert.Throws<ArgumentException>(() => other.Inserting(new FollowerCursorRow { Name = "n", NextSeq = 1 }));
        (await ReadAsync(other, isTracked: false)).Row.RevokedAt = s_now;
        other.Record(Draft("evt_3"));
        await other.CommitAsync(CancellationToken.None);
        Assert.Equal("evt_1", await EntryIdAsync(store));
    }

    public static TheoryData<StoreKind, bool> StoresAndWays() => new()
    {
        { StoreKind.Sqlite, true }, { StoreKind.Sqlite, false },
        { StoreKind.Postgres, true }, { StoreKind.Postgres, false },
    };

    private static async Task InsertAsync(TestStore store, StandInLedger ledger, string entryId, bool isTracked = true)
    {
        await using var uow = new UnitOfWork(store.Database, ledger);
        var row = Row();
        if (isTracked)
        {
            uow.Add(row);
        }

        uow.Record(Draft(entryId), isTracked ? row : uow.Inserting(row));
        await uow.CommitAsync(CancellationToken.None);
    }

    private static async Task RevokeAsync(TestStore store, StandInLedger ledger, string entryId, bool isTracked)
    {
        await using var uow = new UnitOfWork(store.Database, ledger);
        var (row, change) = await ReadAsync(uow, isTracked);
        row.RevokedAt = s_now;
        uow.Record(Draft(entryId), change);
        await uow.CommitAsync(CancellationToken.None);
    }

    /// <summary>The one row, and what stands for its change.</summary>
    private static async Task<(ApiKeyRow Row, object Change)> ReadAsync(UnitOfWork uow, bool isTracked)
    {
        if (isTracked)
        {
            var tracked = await uow.Db.Set<ApiKeyRow>().SingleAsync();
            uow.Update(tracked);
            return (tracked, tracked);
        }

        var known = await uow.Db.Set<ApiKeyRow>().AsNoTracking()
            .Select(row => new { Row = row, EntryId = EF.Property<string>(row, AuditDeclarations.EntryId) })
            .SingleAsync();
        return (known.Row, uow.Changing(known.Row, known.EntryId));
    }

    private static Task<object?> EntryIdAsync(TestStore store) =>
        store.ScalarAsync("SELECT entry_id FROM " + store.Table("api_key"));

    private static EntryDraft Draft(string id) => new()
    {
        Id = id,
        Type = "probity.access.key_created",
        Action = "access.key.create",
        Actor = new EntryActor("system", "probity"),
    };

    private static ApiKeyRow Row(string id = "key_1") => new()
    {
        Id = id,
        Prefix = "p" + id[4..],
        Sha256 = new byte[32],
        Name = "n",
        Owner = "o",
        Scopes = "a b",
        CreatedAt = s_now,
    };

    /// <summary>Runs what stands alongside in a transaction, as the ledger's writer does; keeps drafts in memory.</summary>
    private sealed class StandInLedger(TestStore store) : ILedgerWriter
    {
        public List<EntryDraft> Entries { get; } = [];

        public bool FailAfterAlongside { get; init; }

        public bool RollBackFirst { get; set; }

        public Action? BeforeAlongside { get; init; }

        public async Task<AppendReceipt> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
        {
            try
            {
                await RunAsync(request, cancellationToken);
            }
            catch (TimeoutException) when (RollBackFirst)
            {
                RollBackFirst = false;
                await RunAsync(request, cancellationToken);
            }

            Entries.AddRange(request.Entries);
            return new AppendReceipt("o", 0, [MerkleHash.Empty], "c");
        }

        private Task RunAsync(AppendRequest request, CancellationToken cancellationToken) => store.Database.WriteAsync(
            async (connection, transaction, token) =>
            {
                BeforeAlongside?.Invoke();
                if (request.Alongside is not null)
                {
                    await request.Alongside(connection, transaction, token);
                }

                if (FailAfterAlongside)
                {
                    throw new IOException("The disk is full.");
                }

                if (RollBackFirst)
                {
                    throw new TimeoutException("The head moved.");
                }
            },
            cancellationToken);
    }
}
