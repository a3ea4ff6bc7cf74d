using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;

namespace Probity.Server.Keys;

/// <summary>
/// The installation's keys: the root key wraps a key-encryption key, that wraps the signing key, the index keys and the
/// data keys. Only wrapped keys are stored. A new data key is durable before anything is sealed under it. Thread safe.
/// </summary>
internal sealed class KeyRing : IFieldCipher, IDisposable
{
    private const string RootId = "root";
    private const string Algorithm = "A256GCM";
    private const int KeyBytes = 32;

    private readonly IDatabase _database;
    private readonly TimeProvider _time;
    private readonly string _kekId;
    private readonly byte[] _kek;
    private readonly ConcurrentDictionary<string, SegmentKey> _segments = new(StringComparer.Ordinal);
    private readonly Lock _rolling = new();
    private SegmentKey? _current;

    private KeyRing(IDatabase database, TimeProvider time, string kekId, byte[] kek)
    {
        (_database, _time, _kekId, _kek) = (database, time, kekId, kek);
        Installation = null!; // OpenAsync sets it before anyone sees the ring.
    }

    /// <summary>The keys of which there is one each.</summary>
    public InstallationKeys Installation { get; private set; }

    /// <summary>Opens the stored keys; makes those that are missing on a new store.</summary>
    /// <exception cref="StorageException">keys.root_mismatch: the root key is not the one the store was made with.</exception>
    public static async Task<KeyRing> OpenAsync(
        IDatabase database,
        ReadOnlyMemory<byte> root,
        TimeProvider time,
        CancellationToken cancellationToken,
        bool mayCreate = true)
    {
        var kek = await FindAsync(database, KeyKinds.Kek, cancellationToken);
        if (kek is null && !mayCreate)
        {
            throw new StorageException("keys.missing", "The store holds no keys, so nothing signed there can be checked.");
        }

        kek ??= await CreateAsync(database, KeyKinds.Kek, RootId, root, time, cancellationToken);
        var ring = new KeyRing(database, time, kek.Id, UnwrapKek(root.Span, kek));
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
            var current = Volatile.Read(ref _current);
            if (current?.TryRent(_time.GetUtcNow()) is { } key)
            {
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

    public void Open(
        string keyId, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plain)
    {
        if (ciphertextAndTag.Length != plain.Length + IFieldCipher.TagBytes || nonce.Length != IFieldCipher.NonceBytes)
        {
            throw new CryptographicException("The ciphertext does not have the length of its plain text and tag.");
        }

        _segments.GetOrAdd(keyId, Load).Open(aad, nonce, ciphertextAndTag, plain);
    }

    public void Dispose()
    {
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        CryptographicOperations.ZeroMemory(_kek);
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
        var row = await FindAsync(_database, kind, cancellationToken)
            ?? await CreateAsync(_database, kind, _kekId, _kek, _time, cancellationToken);
        return KeyWrap.Unwrap(_kek, row.Wrapped, row.Id, row.Kind, _kekId);
    }

    private SegmentKey NewSegment()
    {
        // Once in 2^24 entries or a day; whoever comes meanwhile waits for the key to be durable.
        var row = CreateAsync(_database, KeyKinds.Segment, _kekId, _kek, _time, CancellationToken.None)
            .GetAwaiter().GetResult();
        var segment = ToSegment(row);
        _segments[row.Id] = segment;
        return segment;
    }

    private SegmentKey Load(string keyId)
    {
        using var db = _database.CreateContext();
        var row = db.Set<DataKeyRow>().AsNoTracking()
            .SingleOrDefault(key => key.Id == keyId && key.Kind == KeyKinds.Segment);
        return row?.Wrapped is null
            ? throw new CryptographicException("The data key is not there or has been destroyed.")
            : ToSegment(row);
    }

    private SegmentKey ToSegment(DataKeyRow row) =>
        new(row.Id, KeyWrap.Unwrap(_kek, row.Wrapped, row.Id, row.Kind, _kekId), row.CreatedAt);

    private static async Task<DataKeyRow?> FindAsync(
        IDatabase database, string kind, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<DataKeyRow>().AsNoTracking()
            .SingleOrDefaultAsync(key => key.Kind == kind && key.State == "active", cancellationToken);
    }

    private static async Task<DataKeyRow> CreateAsync(
        IDatabase database,
        string kind,
        string wrappedBy,
        ReadOnlyMemory<byte> wrappingKey,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = $"{(kind == KeyKinds.Segment ? "seg" : "key")}_{Guid.CreateVersion7(now)}";
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var row = new DataKeyRow
        {
            Id = id,
            Kind = kind,
            WrappedBy = wrappedBy == RootId ? null : wrappedBy,
            Wrapped = KeyWrap.Wrap(wrappingKey.Span, key, id, kind, wrappedBy),
            Algorithm = Algorithm,
            CreatedAt = now,
            State = "active",
        };
        CryptographicOperations.ZeroMemory(key);
        await database.WriteAsync(
            async (connection, transaction, token) =>
            {
                await using var db = database.CreateContext(connection);
                await db.Database.UseTransactionAsync(transaction, token);
                db.Add(row);
                await db.SaveChangesAsync(token);
            },
            cancellationToken);
        return row;
    }
}
