using Xunit;

namespace Probity.Conformance.Storage;

/// <summary>Stores with one row in every ledger table; the shared ones are only for changes that must be refused.</summary>
public sealed class FilledStores : IAsyncLifetime
{
    /// <summary>The digest in the rows.</summary>
    public const string Hash = "0101010101010101010101010101010101010101010101010101010101010101";

    private readonly PostgresCluster _cluster = new();
    private readonly Dictionary<StoreKind, TestStore> _shared = [];

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var store in _shared.Values)
        {
            await store.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    internal async Task<TestStore> SharedAsync(StoreKind kind)
    {
        if (!_shared.TryGetValue(kind, out var store))
        {
            store = await NewAsync(kind);
            _shared.Add(kind, store);
        }

        return store;
    }

    internal async Task<TestStore> NewAsync(StoreKind kind)
    {
        var store = await TestStore.MigratedAsync(kind, _cluster);
        var hash = kind == StoreKind.Sqlite ? $"x'{Hash}'" : $"'\\x{Hash}'::bytea";
        var tile = kind == StoreKind.Sqlite ? "zeroblob(8192)" : "decode(repeat('00', 8192), 'hex')";
        var body = kind == StoreKind.Sqlite ? "x'7b7d'" : "'\\x7b7d'::bytea";
        var key = kind == StoreKind.Sqlite ? "zeroblob(16)" : "decode(repeat('00', 16), 'hex')";
        await store.ExecuteAsync(Qualify(store, $"""
            INSERT INTO ledger_entry VALUES (0, {hash}, {body});
            INSERT INTO ledger_tile VALUES (0, 0, {hash}, {tile});
            INSERT INTO ledger_head VALUES (1, 'o', 1, {hash}, {hash}, {hash}, 'c', 0);
            INSERT INTO ledger_checkpoint VALUES (1, 'c');
            INSERT INTO ledger_external VALUES ({key}, 0, 0);
            INSERT INTO ledger_idempotency VALUES ({hash}, {hash}, {body}, 0);
            INSERT INTO blob VALUES ({hash}, 'k', {body})
            """));
        return store;
    }

    internal static string Qualify(TestStore store, string sql) => store.Kind == StoreKind.Sqlite
        ? sql
        : sql.Replace("ledger_", "probity.ledger_", StringComparison.Ordinal)
            .Replace(" blob", " probity.blob", StringComparison.Ordinal);
}
