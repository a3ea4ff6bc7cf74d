using Xunit;

namespace Probity.Conformance.Ledger;

/// <summary>One log to tamper with at each place; whoever changes it puts it back.</summary>
public sealed class TamperedPlaces : IAsyncLifetime
{
    private readonly LedgerStores _stores = new();
    private readonly Dictionary<LogPlace, TamperedPlace> _places = [];

    internal LedgerStores Stores => _stores;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => _stores.InitializeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var place in _places.Values)
        {
            await place.DisposeAsync();
        }

        await _stores.DisposeAsync();
    }

    internal async Task<TamperedPlace> OpenAsync(LogPlace place)
    {
        if (!_places.TryGetValue(place, out var opened))
        {
            opened = await TamperedPlace.OpenAsync(place, _stores);
            _places.Add(place, opened);
        }

        return opened;
    }
}
