namespace Probity.Ledger.Verification;

/// <summary>Hands out the stored tiles of one level by index; the indexes asked for only rise.</summary>
internal sealed class TileCursor(IAsyncEnumerator<AuditedTile> stored) : IAsyncDisposable
{
    private AuditedTile? _next;
    private bool _isDone;

    public long Count { get; private set; }

    /// <summary>The first tile that nothing asked for, because its index did not fit; null when there is none.</summary>
    public long? Stray { get; private set; }

    /// <summary>The stored tile of an index, or null when there is none.</summary>
    public async ValueTask<AuditedTile?> AtAsync(long index)
    {
        while (!_isDone && (_next is null || _next.Value.Index < index))
        {
            await MoveAsync().ConfigureAwait(false);
        }

        return _next is { } tile && tile.Index == index ? tile : null;
    }

    /// <summary>Reads what is left after the last index that belongs to the tree.</summary>
    public async ValueTask EndAsync(long lastIndex)
    {
        while (!_isDone)
        {
            if (_next is { } tile && tile.Index > lastIndex)
            {
                Stray ??= tile.Index;
            }

            await MoveAsync().ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => stored.DisposeAsync();

    private async ValueTask MoveAsync()
    {
        if (await stored.MoveNextAsync().ConfigureAwait(false))
        {
            _next = stored.Current;
            Count++;
            return;
        }

        _next = null;
        _isDone = true;
    }
}
