using System.Collections.Concurrent;
using System.Globalization;
using Probity.Server.Storage;

namespace Probity.Server.Keys;

/// <summary>
/// The installation's keys: the root key opens the key-encryption key, which opens all others. Keys are rows of
/// <c>data_key</c>, wrapped; unwrapped ones live only here. Thread safe. Dispose zeroes every key it holds.
/// </summary>
/// <remarks>
/// A process makes a segment key of its own when it first encrypts, and a new one at the bounds of
/// <see cref="SegmentKeyLimits"/>; since no other process encrypts under it, counting uses in memory is enough. Its
/// row is durable before the key is handed out. Take the key before the turn to write, never while holding it: on
/// SQLite the new row needs that turn itself.
/// </remarks>
internal sealed class KeyRing : IDisposable
{
    private const int MostCached = 4096;

    private readonly DataKeyTable _table;
    private readonly TimeProvider _time;
    private readonly SegmentKeyLimits _limits;
    private readonly string _kekId;
    private readonly SecretBytes _kek;
    private readonly ConcurrentDictionary<string, DataKey> _cache = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _rolling = new(1, 1);
    private volatile CurrentSegment? _current;
    private volatile bool _disposed;

    private KeyRing(DataKeyTable table, TimeProvider time, SegmentKeyLimits limits, string kekId, SecretBytes kek)
    {
        _table = table;
        _time = time;
        _limits = limits;
        _kekId = kekId;
        _kek = kek;
    }

    /// <summary>Opens the ring, and makes the key-encryption key in a new store.</summary>
    /// <param name="database">A migrated store.</param>
    /// <param name="rootKey">32 bytes; not kept, the caller zeroes its own copy.</param>
    /// <param name="time">The clock of key ids and ages.</param>
    /// <param name="limits">How long a segment key serves.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    /// <exception cref="KeysException">keys.root_mismatch: the store's keys were made under another root key.</exception>
    public static async Task<KeyRing> OpenAsync(
        IDatabase database, ReadOnlyMemory<byte> rootKey, TimeProvider time, SegmentKeyLimits limits,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rootKey.Length, KeyWrap.KeyBytes);
        var table = new DataKeyTable(database);
        var row = await table.FindActiveAsync(KeyKind.KeyEncryption.Text, cancellationToken);
        if (row is null)
        {
            using var fresh = SecretBytes.Random(KeyWrap.KeyBytes);
            await table.InsertAsync(
                NewRow(KeyKind.KeyEncryption, null, rootKey.Span, fresh.Span, time.GetUtcNow()), cancellationToken);
            // Another node may have been first: whichever row is there now is the key.
            row = await table.FindActiveAsync(KeyKind.KeyEncryption.Text, cancellationToken)
                ?? throw new KeysException(KeysException.Unknown, "The key-encryption key vanished while it was made.");
        }

        var kek = new SecretBytes(KeyWrap.KeyBytes);
        if (!KeyWrap.TryUnwrap(rootKey.Span, row.Id, row.Kind, row.Wrapped, kek.Span))
        {
            kek.Dispose();
            throw new KeysException(KeysException.RootMismatch,
                "AUDIT_ENCRYPTION_KEY is not the key this store was made with, or the stored key-encryption key was "
                + "changed: give the root key of this installation.");
        }

        return new KeyRing(table, time, limits, row.Id, kek);
    }

    /// <summary>
    /// The key to encrypt new fields under. Cheap; take it once for each entry rather than keeping it.
    /// </summary>
    public ValueTask<DataKey> SegmentKeyAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var current = _current;
        return current is not null && Serves(current) ? new(current.Key) : new(RollAsync(cancellationToken));
    }

    /// <summary>The key an entry or a blob names, for decrypting.</summary>
    /// <exception cref="KeysException">
    /// keys.unknown, keys.destroyed, or keys.unwrap_failed: the row was changed or moved.
    /// </exception>
    public ValueTask<DataKey> FindAsync(string id, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _cache.TryGetValue(id, out var cached) ? new(cached) : new(LoadAsync(id, cancellationToken));
    }

    /// <summary>
    /// The installation's one key of a kind, made when it is first asked for: the seed of the log's signer, the key of
    /// the blind index, the key of page tokens. The caller disposes the copy.
    /// </summary>
    /// <exception cref="KeysException">keys.unwrap_failed: the row was changed or moved.</exception>
    public async Task<SecretBytes> SecretAsync(KeyKind kind, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (kind == KeyKind.KeyEncryption || kind == KeyKind.Segment)
        {
            throw new ArgumentException("This kind of key does not leave the ring.", nameof(kind));
        }

        var row = await _table.FindActiveAsync(kind.Text, cancellationToken);
        if (row is null)
        {
            using var fresh = SecretBytes.Random(KeyWrap.KeyBytes);
            await _table.InsertAsync(NewRow(kind, _kekId, _kek.Span, fresh.Span, _time.GetUtcNow()), cancellationToken);
            row = await _table.FindActiveAsync(kind.Text, cancellationToken)
                ?? throw new KeysException(KeysException.Unknown, $"The {kind} key vanished while it was made.");
        }

        return Unwrap(row);
    }

    public void Dispose()
    {
        _disposed = true;
        _kek.Dispose();
        foreach (var key in _cache.Values)
        {
            key.Dispose();
        }

        _current?.Key.Dispose();
        _cache.Clear();
    }

    private bool Serves(CurrentSegment current) =>
        current.Key.Uses < _limits.Uses && _time.GetUtcNow() - current.Since < _limits.Age;

    private async Task<DataKey> RollAsync(CancellationToken cancellationToken)
    {
        await _rolling.WaitAsync(cancellationToken);
        try
        {
            var current = _current;
            if (current is not null && Serves(current))
            {
                return current.Key;
            }

            var now = _time.GetUtcNow();
            var secret = SecretBytes.Random(KeyWrap.KeyBytes);
            var row = NewRow(KeyKind.Segment, _kekId, _kek.Span, secret.Span, now);
            await _table.InsertAsync(row, cancellationToken);
            var key = new DataKey(row.Id, secret, _limits.MostUses);
            Remember(key);
            _current = new CurrentSegment(key, now);
            return key;
        }
        finally
        {
            _rolling.Release();
        }
    }

    private async Task<DataKey> LoadAsync(string id, CancellationToken cancellationToken)
    {
        var row = await _table.FindAsync(id, cancellationToken)
            ?? throw new KeysException(KeysException.Unknown, $"The store has no key {id}.");

        // Loaded keys only decrypt, which has no bound; zero uses keep them from encrypting by mistake.
        var key = new DataKey(id, Unwrap(row), mostUses: 0);
        return Remember(key);
    }

    private DataKey Remember(DataKey key)
    {
        if (_cache.Count >= MostCached)
        {
            // Someone may be decrypting with them: forgotten keys are zeroed when they are collected.
            foreach (var id in _cache.Keys.Take(MostCached / 4))
            {
                _cache.TryRemove(id, out _);
            }
        }

        return _cache.GetOrAdd(key.Id, key);
    }

    private SecretBytes Unwrap(DataKeyRow row)
    {
        if (row.Wrapped is null)
        {
            throw new KeysException(KeysException.Destroyed, $"Key {row.Id} was destroyed: what it encrypted is erased.");
        }

        var key = new SecretBytes(KeyWrap.KeyBytes);
        if (row.WrappedBy != _kekId || row.Algorithm != KeyWrap.Algorithm
            || !KeyWrap.TryUnwrap(_kek.Span, row.Id, row.Kind, row.Wrapped, key.Span))
        {
            key.Dispose();
            throw new KeysException(KeysException.UnwrapFailed,
                $"The stored form of key {row.Id} was changed, or belongs to another row.");
        }

        return key;
    }

    private static DataKeyRow NewRow(
        KeyKind kind, string? wrappedBy, ReadOnlySpan<byte> wrapping, ReadOnlySpan<byte> key, DateTimeOffset now)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{kind.IdPrefix}{Guid.CreateVersion7(now):D}");
        return new DataKeyRow
        {
            Id = id,
            Kind = kind.Text,
            WrappedBy = wrappedBy,
            Wrapped = KeyWrap.Wrap(wrapping, id, kind.Text, key),
            Algorithm = KeyWrap.Algorithm,
            CreatedAt = now,
            State = "active",
        };
    }

    private sealed record CurrentSegment(DataKey Key, DateTimeOffset Since);
}
