using Probity.Conformance.Ledger;
using Probity.Conformance.Storage;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Keys;

public sealed class RotationTests(LedgerStores stores) : IClassFixture<LedgerStores>
{
    private static readonly byte[] s_root = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static TheoryData<StoreKind> Kinds { get; } = [StoreKind.Sqlite, StoreKind.Postgres];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Rotation_under_load_loses_nothing_and_destroys_the_former_key(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        using var stop = new CancellationTokenSource();
        var committed = 0;
        var load = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                // Every event brings someone new, whose key is on its way while the keys are rotated.
                await ledger.CommitAsync(TestLedger.Event(i));
                Interlocked.Increment(ref committed);
            }
        });

        for (var round = 0; round < 3; round++)
        {
            var until = Volatile.Read(ref committed) + 5;
            while (Volatile.Read(ref committed) < until && !load.IsCompleted)
            {
                await Task.Delay(10);
            }

            await RotateAsync(ledger);
        }

        await stop.CancelAsync();
        await load;
        using var later = await KeyRing.OpenAsync(ledger.Store.Database, s_root, TimeProvider.System,
            CancellationToken.None);
        var opener = new EntryOpener(ledger.Ledger, later);
        var entries = await ledger.Ledger.ReadEntriesAsync(0, 100_000, CancellationToken.None);
        Assert.True(entries.Count > 10, $"{entries.Count} entries are no load.");
        foreach (var entry in entries)
        {
            Assert.Empty((await opener.OpenAsync(entry.Body, true, CancellationToken.None)).Unreadable);
        }

        var keks = await new DataKeyTable(ledger.Store.Database).ListKeksAsync(CancellationToken.None);
        Assert.Equal([1, 2, 3, 4], keks.Select(k => k.Version ?? 0));
        Assert.Equal(["destroyed", "destroyed", "destroyed", "active"], keks.Select(k => k.State));
        Assert.True((await ledger.AuditAsync()).IsSound);
    }

    [Fact]
    public async Task A_node_that_knows_only_the_former_key_goes_on()
    {
        await using var first = await stores.OpenAsync(StoreKind.Postgres); // On SQLite one process owns the file.
        await first.CommitAsync(TestLedger.Event(0));
        await using var second = await LedgerStores.ReopenAsync(first);
        await RotateAsync(first);

        await second.CommitAsync(TestLedger.Event(1));

        var entry = (await first.Ledger.ReadEntriesAsync(1, 1, CancellationToken.None))[0];
        Assert.Empty((await first.Opener.OpenAsync(entry.Body, true, CancellationToken.None)).Unreadable);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_root_key_that_was_rotated_away_is_told_apart_from_a_strange_one(StoreKind kind)
    {
        await using var ledger = await stores.OpenAsync(kind);
        byte[] former = [.. Enumerable.Range(50, 32).Select(i => (byte)(i * 7))];
        using var formerRoot = new FileRootKey(former);
        await new DataKeyTable(ledger.Store.Database).TryInsertAsync(
            RootMemory.Row(formerRoot.Fingerprint, 1, DateTimeOffset.UnixEpoch), CancellationToken.None);

        var refusal = await Assert.ThrowsAsync<StorageException>(() =>
            KeyRing.OpenAsync(ledger.Store.Database, former, TimeProvider.System, CancellationToken.None));

        Assert.Equal("keys.root_rotated_away", refusal.Code);
        Assert.Contains("minimum version 2", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task RotateAsync(TestLedger ledger)
    {
        var table = new DataKeyTable(ledger.Store.Database);
        var former = (await table.FindActiveAsync(KeyKinds.Kek, CancellationToken.None))!;
        var next = KeyRing.NewKek(ledger.Keys.Root, (former.Version ?? 1) + 1, TimeProvider.System.GetUtcNow());
        await ledger.Store.Database.WriteAsync(
            (connection, transaction, token) =>
                DataKeyTable.ExchangeAsync(connection, transaction, former.Id, next, token),
            CancellationToken.None);
        ledger.Keys.Keks.Activate(next);
        await new KeyRotation(ledger.Store.Database, ledger.Keys).RewrapAsync(CancellationToken.None);
        await new KeyRotation(ledger.Store.Database, ledger.Keys).RewrapAsync(CancellationToken.None);
        await table.DestroyUnusedAsync(CancellationToken.None);
        await new KeyRotation(ledger.Store.Database, ledger.Keys).RewrapAsync(CancellationToken.None);
        await table.DestroyUnusedAsync(CancellationToken.None);
    }
}
