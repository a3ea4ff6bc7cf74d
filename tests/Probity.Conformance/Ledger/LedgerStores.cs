using Probity.Conformance.Storage;
using Xunit;

namespace Probity.Conformance.Ledger;

/// <summary>Fresh ledgers on a store of each kind.</summary>
public sealed class LedgerStores : IAsyncLifetime
{
    private readonly PostgresCluster _cluster = new();

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    internal async Task<TestLedger> OpenAsync(StoreKind kind) =>
        await TestLedger.OpenAsync(await TestStore.MigratedAsync(kind, _cluster));

    /// <summary>A second writer on the same store, as another node would be.</summary>
    internal static Task<TestLedger> ReopenAsync(TestLedger first) => TestLedger.OpenAsync(first.Store.Shared());
}
