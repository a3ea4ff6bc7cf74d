using System.Data.Common;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class AppendOnlyTests(FilledStores stores) : IClassFixture<FilledStores>
{
    public static TheoryData<StoreKind, string> Changes { get; } = Cases();

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Written_ledger_rows_cannot_be_changed_by_the_program(StoreKind kind, string change)
    {
        var store = await stores.SharedAsync(kind);

        await Assert.ThrowsAnyAsync<DbException>(() => store.ExecuteAsync(FilledStores.Qualify(store, change)));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Written_ledger_rows_cannot_be_changed_by_the_owner_either(StoreKind kind, string change)
    {
        var store = await stores.SharedAsync(kind);

        var refusal = await Assert.ThrowsAnyAsync<DbException>(() => store.ExecuteAsOwnerAsync(FilledStores.Qualify(store, change)));

        Assert.Matches("append-only|only moves forward", refusal.Message);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task The_head_moves_forward(StoreKind kind)
    {
        await using var store = await stores.NewAsync(kind);

        await store.ExecuteAsync(FilledStores.Qualify(store, "UPDATE ledger_head SET size = 2, checkpoint = 'later'"));

        Assert.Equal(2L, await store.ScalarAsync(FilledStores.Qualify(store, "SELECT size FROM ledger_head")));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task An_expired_idempotency_row_may_be_deleted(StoreKind kind)
    {
        await using var store = await stores.NewAsync(kind);

        await store.ExecuteAsync(FilledStores.Qualify(store, "DELETE FROM ledger_idempotency"));

        Assert.Equal(0L, await store.ScalarAsync(FilledStores.Qualify(store, "SELECT count(*) FROM ledger_idempotency")));
    }

    [Fact]
    public async Task Triggers_hold_when_the_owner_poses_as_a_replica()
    {
        var store = await stores.SharedAsync(StoreKind.Postgres);

        await Assert.ThrowsAnyAsync<DbException>(() => store.ExecuteAsOwnerAsync(
            "SET session_replication_role = replica; DELETE FROM probity.ledger_entry"));
    }

    [Fact]
    public async Task Without_its_triggers_the_owner_can_change_a_row_so_the_tests_above_can_fail()
    {
        await using var store = await stores.NewAsync(StoreKind.Sqlite);

        await store.ExecuteAsOwnerAsync("DROP TRIGGER ledger_entry_no_update; UPDATE ledger_entry SET hash = hash");
    }

    private static TheoryData<StoreKind, string> Cases()
    {
        string[] common =
        [
            "UPDATE ledger_entry SET hash = hash", "DELETE FROM ledger_entry",
            "UPDATE ledger_tile SET idx = 5", "DELETE FROM ledger_tile",
            "UPDATE ledger_checkpoint SET note = 'x'", "DELETE FROM ledger_checkpoint",
            "UPDATE ledger_external SET seq = 9", "DELETE FROM ledger_external",
            "UPDATE blob SET key = 'x'", "DELETE FROM blob",
            "UPDATE ledger_idempotency SET recorded_at = 5", "DELETE FROM ledger_head",
            "UPDATE ledger_head SET size = 0", "UPDATE ledger_head SET origin = 'other'",
        ];
        var cases = new TheoryData<StoreKind, string>();
        foreach (var change in common)
        {
            cases.Add(StoreKind.Sqlite, change);
            cases.Add(StoreKind.Postgres, change);
        }

        cases.Add(StoreKind.Sqlite, $"INSERT OR REPLACE INTO ledger_entry VALUES (0, x'{FilledStores.Hash}', x'7b7d')");
        foreach (var table in (string[])["entry", "tile", "head", "checkpoint", "external", "idempotency"])
        {
            cases.Add(StoreKind.Postgres, $"TRUNCATE ledger_{table}");
        }

        return cases;
    }
}
