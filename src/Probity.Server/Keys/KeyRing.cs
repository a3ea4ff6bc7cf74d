using System.Collections.Concurrent;
using System.Security.Cryptography;
using Probity.Server.Storage;

namespace Probity.Server.Keys;

/// <summary>
/// The installation's keys: the root key wraps a key-encryption key, that wraps the signing key, the index keys and the
/// data keys. Only wrapped keys are stored; unwrapped ones live here and are zeroed on dispose. Thread safe.
/// </summary>
/// <remarks>
/// Each process makes a data key of its own when it first seals, and a new one at the bounds of
/// <see cref="SegmentKeyLimits"/>: no other process seals under it, so counting uses in memory is enough. A new data
/// key is durable before anything is sealed under it; on SQLite its row needs the turn to write, so nobody may
/// <see cref="Rent"/> while holding that turn.
/// </remarks>
internal sealed class KeyRing : IFieldCipher, IDisposable
{
    private const string RootId = "root";
    private const string Algorithm = "A256GCM";
    private const int KeyBytes = 32;
    private const int MostCached = 4096;

    private readonly DataKeyTable _table;
    private readonly TimeProvider _time;
    private readonly SegmentKeyLimits _limits;
    private readonly string _kekId;
    private readonly byte[] _kek;
    private readonly ConcurrentDictionary<string, SegmentKey> _segments = new(StringComparer.Ordinal);
    private readonly Lock _rolling = new();
    private SegmentKey? _current;
    private int _rollingAhead;
    private volatile bool _disposed;

    private KeyRing(DataKeyTable table, TimeProvider time, SegmentKeyLimits limits, string kekId, byte[] kek)
    {
        (_table, _time, _limits, _kekId, _kek) = (table, time, limits, kekId, kek);
        Installation = null!; // OpenAsync sets it before anyone sees the ring.
    }

    /// <summary>The keys of which there is one each; zeroed when the ring is disposed.</summary>
    public InstallationKeys Installation { get; private set; }

    /// <summary>Opens the stored keys; makes those that are missing on a new store.</summary>
    /// <exception cref="StorageException">
    /// keys.root_mismatch: the root key is not the one the store was made with. keys.unwrap_failed: a stored key was
    /// altered or moved.
    /// </exception>
    public static Task<KeyRing> OpenAsync(
        IDatabase database, ReadOnlyMemory<byte> root, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(database, root, time, SegmentKeyLimits.Default, cancellationToken);

    /// <summary>Opens the keys of a store that is only looked into; makes none.</summary>
    /// <exception cref="StorageException">keys.missing: the store holds no keys; and as <c>OpenAsync</c>.</exception>
    public static async Task<KeyRing> OpenExistingAsync(
        IDatabase database, ReadOnlyMemory<byte> root, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await new DataKeyTable(database).FindActiveAsync(KeyKinds.Kek, cancellationToken) is null)
        {
            throw new StorageException("keys.missing", "The store holds no keys, so nothing signed there can be checked.");
        }

        return await OpenAsync(database, root, time, cancellationToken);
    }

    /// <summary>Opens the ring with other bounds than the default ones.</summary>
    internal static async Task<KeyRing> OpenAsync(
        IDatabase database, ReadOnlyMemory<byte> root, TimeProvider time, SegmentKeyLimits limits,
        CancellationToken cancellationToken)
    {
        var table = new DataKeyTable(database);
        var kek = await FindOrCreateAsync(table, KeyKinds.Kek, RootId, root, time, cancellationToken);
        var ring = new KeyRing(table, time, limits, kek.Id, UnwrapKek(root.Span, kek));
        ring.Installation = new InstallationKeys(
            await ring.SingleAsync(KeyKinds.LogSigning, cancellationToken),
            await ring.SingleAsync(KeyKinds.BlindIndex, cancellationToken),
            await ring.SingleAsync(KeyKinds.PageToken, cancellationToken));
        return ring;
    }

    public ISealingKey Rent()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var current = Volatile.Read(ref _current);
            if (current?.TryRent(_time.GetUtcNow()) is { } key)
            {
                if (current.IsNearItsEnd(_time.GetUtcNow()))
                {
                    RollAhead(current);
                }

                return key;
            }

            lock (_rolling)
            {
                if (ReferenceEquals(current, _current))
                {
                    Volatile.Write(ref _current, NewSegment());
                }
            }
        }
    }

    /// <summary>
    /// Makes the first data key of this process, so that the first events do not wait for it. A store that takes no
    /// writes now (a full disk) is no reason not to start: reads and proofs answer, and the first event tries again.
    /// </summary>
    public async Task WarmAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Volatile.Read(ref _current) is null)
            {
                var first = await NewSegmentAsync(cancellationToken);
                Interlocked.CompareExchange(ref _current, first, null);
            }
        }
        catch (System.Data.Common.DbException)
        {
            // Told to the caller of the first event, as 503.
        }
    }

    public void Open(
        string keyId, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (ciphertextAndTag.Length != plain.Length + IFieldCipher.TagBytes || nonce.Length != IFieldCipher.NonceBytes)
        {
            throw new CryptographicException("The ciphertext does not have the length of its plain text and tag.");
        }

        var segment = _segments.TryGetValue(keyId, out var cached) ? cached : Remember(Load(keyId));
        segment.Open(aad, nonce, ciphertextAndTag, plain);
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        _current?.Dispose();
        foreach (var key in (byte[][])[_kek, Installation.LogSigning, Installation.BlindIndex, Installation.PageToken])
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] UnwrapKek(ReadOnlySpan<byte> root, DataKeyRow kek)
    {
        try
        {
            return KeyWrap.Unwrap(root, kek.Wrapped, kek.Id, kek.Kind, RootId);
        }
        catch (CryptographicException failure)
        {
            throw new StorageException(
                "keys.root_mismatch",
                "AUDIT_ENCRYPTION_KEY is not the key this store was made with. Give the key it was made with; "
                + "without it nothing that is encrypted can be read.",
                failure);
        }
    }

    private async Task<byte[]> SingleAsync(string kind, CancellationToken cancellationToken)
    {
        var row = await FindOrCreateAsync(_table, kind, _kekId, _kek, _time, cancellationToken);
        try
        {
            return KeyWrap.Unwrap(_kek, row.Wrapped, row.Id, row.Kind, _kekId);
        }
        catch (CryptographicException failure)
        {
            throw new StorageException(
                "keys.unwrap_failed", $"The stored {kind} key {row.Id} was altered or belongs to another row.", failure);
        }
    }

    /// <summary>
    /// Replaces a key before it ends, beside the requests: if they waited for the store in a lock, hundreds of them
    /// would take every thread that the store's own answer needs.
    /// </summary>
    private void RollAhead(SegmentKey ending)
    {
        if (Interlocked.CompareExchange(ref _rollingAhead, 1, 0) == 0)
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    Interlocked.CompareExchange(ref _current, await NewSegmentAsync(CancellationToken.None), ending);
                }
                catch (Exception failure) when (failure is System.Data.Common.DbException or IOException or TimeoutException)
                {
                    // The store is away: the next rent tries again, and the key's end makes it wait.
                }
                finally
                {
                    Volatile.Write(ref _rollingAhead, 0);
                }
            });
        }
    }

    /// <summary>Only when a key ended before its successor was there; whoever comes meanwhile waits for it.</summary>
    private SegmentKey NewSegment() => NewSegmentAsync(CancellationToken.None).GetAwaiter().GetResult();

    private async Task<SegmentKey> NewSegmentAsync(CancellationToken cancellationToken)
    {
        var row = NewRow(KeyKinds.Segment, _kekId, _kek, _time.GetUtcNow());
        await _table.InsertAsync(row, cancellationToken);
        var segment = ToSegment(row, _limits);
        Remember(segment);
        return segment;
    }

    private SegmentKey Load(string keyId)
    {
        // Once for each key and process; callers decrypt in synchronous code.
        var row = _table.FindAsync(keyId, CancellationToken.None).GetAwaiter().GetResult();
        return row?.Wrapped is null || row.Kind != KeyKinds.Segment
            ? throw new CryptographicException("The data key is not there or has been destroyed.")
            : ToSegment(row, limits: null);
    }

    private SegmentKey Remember(SegmentKey segment)
    {
        if (_segments.Count >= MostCached)
        {
            foreach (var id in _segments.Keys.Take(MostCached / 4))
            {
                _segments.TryRemove(id, out _);
            }
        }

        return _segments.GetOrAdd(segment.Id, segment);
    }

    private SegmentKey ToSegment(DataKeyRow row, SegmentKeyLimits? limits) =>
        new(row.Id, KeyWrap.Unwrap(_kek, row.Wrapped, row.Id, row.Kind, _kekId), row.CreatedAt, limits);

    private static async Task<DataKeyRow> FindOrCreateAsync(
        DataKeyTable table,
        string kind,
        string wrappedBy,
        ReadOnlyMemory<byte> wrappingKey,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var row = await table.FindActiveAsync(kind, cancellationToken);
        if (row is not null)
        {
            return row;
        }

        // Another node may be first: then nothing is inserted, and whichever row is there is the key.
        await table.InsertAsync(NewRow(kind, wrappedBy, wrappingKey.Span, time.GetUtcNow()), cancellationToken);
        return await table.FindActiveAsync(kind, cancellationToken)
            ?? throw new StorageException("keys.unwrap_failed", $"The {kind} key vanished while it was made.");
    }

    private static DataKeyRow NewRow(string kind, string wrappedBy, ReadOnlySpan<byte> wrappingKey, DateTimeOffset now)
    {
        var id = $"{(kind == KeyKinds.Segment ? "seg" : "key")}_{Guid.CreateVersion7(now)}";
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        var wrapped = KeyWrap.Wrap(wrappingKey, key, id, kind, wrappedBy);
        CryptographicOperations.ZeroMemory(key);
        return new DataKeyRow
        {
            Id = id,
            Kind = kind,
            WrappedBy = wrappedBy == RootId ? null : wrappedBy,
            Wrapped = wrapped,
            Algorithm = Algorithm,
            CreatedAt = now,
            State = "active",
        };
    }
}
