using System.Buffers.Text;
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
/// <see cref="Rent()"/> while holding that turn. The key of a person is written by the commit that first needs it.
/// </remarks>
internal sealed class KeyRing : IFieldCipher, IDisposable
{
    private const string Algorithm = "A256GCM";
    private const int KeyBytes = 32;
    private const int MostCached = 4096;

    private readonly DataKeyTable _table;
    private readonly TimeProvider _time;
    private readonly SegmentKeyLimits _limits;
    private readonly List<IRootKey> _formerRoots = [];
    private volatile IRootKey _root;
    private readonly KeyEncryptionKeys _keks;
    private readonly SubjectKeys _subjects = new();
    private readonly SubjectRows _rows = new();
    private readonly ConcurrentDictionary<string, SegmentKey> _segments = new(StringComparer.Ordinal);
    private int _remembered; // How many those are; asking the dictionary would take all of its locks.
    private readonly Lock _rolling = new();
    private byte[] _subjectNameKey = [];
    private SegmentKey? _current;
    private int _rollingAhead;
    private volatile bool _disposed;

    private KeyRing(
        DataKeyTable table, TimeProvider time, SegmentKeyLimits limits, IRootKey root, KeyEncryptionKeys keks)
    {
        (_table, _time, _limits, _root, _keks) = (table, time, limits, root, keks);
        Installation = null!; // OpenAsync sets it before anyone sees the ring.
    }

    /// <summary>The keys of which there is one each; zeroed when the ring is disposed.</summary>
    public InstallationKeys Installation { get; private set; }

    /// <summary>What wraps the key-encryption keys.</summary>
    public IRootKey Root => _root;

    /// <summary>The key-encryption keys.</summary>
    public KeyEncryptionKeys Keks => _keks;

    /// <summary>Persons whose keys are in memory.</summary>
    public int CachedSubjects => _subjects.Count;

    /// <summary>Sealings under the present segment's key in this process.</summary>
    public long PresentUses => Volatile.Read(ref _current)?.Uses ?? 0;

    /// <summary>The bound of every data key: sealings.</summary>
    public long UseBound => _limits.Uses;

    /// <summary>Opens the stored keys; makes those that are missing on a new store.</summary>
    /// <exception cref="StorageException">
    /// keys.root_mismatch: the root key is not the one the store was made with. keys.root_rotated_away: it was, once.
    /// keys.unwrap_failed: a stored key was altered or moved.
    /// </exception>
    public static Task<KeyRing> OpenAsync(
        IDatabase database, ReadOnlyMemory<byte> root, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(database, new FileRootKey(root.Span), time, SegmentKeyLimits.Default, cancellationToken);

    /// <summary>As above, with the root key wherever it is; the ring owns it from here on.</summary>
    public static Task<KeyRing> OpenAsync(
        IDatabase database, IRootKey root, TimeProvider time, CancellationToken cancellationToken) =>
        OpenAsync(database, root, time, SegmentKeyLimits.Default, cancellationToken);

    /// <summary>Opens the keys of a store that is only looked into; makes none.</summary>
    /// <exception cref="StorageException">keys.missing: the store holds no keys; and as <c>OpenAsync</c>.</exception>
    public static async Task<KeyRing> OpenExistingAsync(
        IDatabase database, IRootKey root, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await new DataKeyTable(database).FindActiveAsync(KeyKinds.Kek, cancellationToken) is null)
        {
            root.Dispose();
            throw new StorageException("keys.missing", "The store holds no keys, so nothing signed there can be checked.");
        }

        return await OpenAsync(database, root, time, cancellationToken);
    }

    /// <summary>Opens the ring with other bounds than the default ones.</summary>
    internal static Task<KeyRing> OpenAsync(
        IDatabase database, ReadOnlyMemory<byte> root, TimeProvider time, SegmentKeyLimits limits,
        CancellationToken cancellationToken) =>
        OpenAsync(database, new FileRootKey(root.Span), time, limits, cancellationToken);

    private static async Task<KeyRing> OpenAsync(
        IDatabase database, IRootKey root, TimeProvider time, SegmentKeyLimits limits,
        CancellationToken cancellationToken)
    {
        try
        {
            var table = new DataKeyTable(database);
            var kek = await FindOrCreateAsync(
                table, KeyKinds.Kek, () => NewKek(root, version: 1, time.GetUtcNow()), cancellationToken);
            var keks = await UnwrapKekAsync(table, root, kek, cancellationToken);
            var ring = new KeyRing(table, time, limits, root, keks);
            ring.Installation = new InstallationKeys(
                await ring.SingleAsync(KeyKinds.LogSigning, cancellationToken),
                await ring.SingleAsync(KeyKinds.BlindIndex, cancellationToken),
                await ring.SingleAsync(KeyKinds.PageToken, cancellationToken));
            ring._subjectNameKey = HKDF.Expand(
                HashAlgorithmName.SHA256, ring.Installation.BlindIndex, KeyBytes,
                    "probity-subject-name-v1"u8.ToArray());
            return ring;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes another root key: the store's key-encryption keys are wrapped under it now. The former one is kept till
    /// the ring is disposed, since a backup may be using it.
    /// </summary>
    internal void ReplaceRoot(IRootKey next)
    {
        lock (_rolling)
        {
            _formerRoots.Add(_root);
            _root = next;
            _keks.ReplaceRoot(next);
        }
    }

    public ISealingKey Rent()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var current = Volatile.Read(ref _current);
            var now = _time.GetUtcNow();
            if (current?.TryRent(now) is { } key)
            {
                if (current.IsNearItsEnd(now))
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

    public ISealingKey Rent(SubjectKey subject)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return subject.Rent();
    }

    public SubjectKey FindSubject(ReadOnlySpan<byte> name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _subjects.TryGet(name, out var known) ? known : FetchSubject(name);
    }

    /// <summary>The digest by which rows and entries name a person.</summary>
    public string DigestOf(ReadOnlySpan<byte> name) => SubjectNames.Digest(_subjectNameKey, name);

    /// <summary>Whether the stored key behind a data key is gone or destroyed, for good. On the calling thread
    /// alone.</summary>
    public bool IsDestroyed(string keyId) => _table.Find(SubjectKey.RootOf(keyId) ?? keyId)?.Wrapped is null;

    /// <summary>Forgets every key of a person in this process: after the rows have been destroyed.</summary>
    public void ForgetSubject(string digest)
    {
        _rows.Forget(digest);
        _subjects.Forget(digest);
        foreach (var (id, key) in _segments)
        {
            if (SubjectKey.RootOf(id) is not null && key.Subject == digest)
            {
                Let(id)?.Dispose();
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
        try
        {
            segment.Open(aad, nonce, ciphertextAndTag, plain);
        }
        catch (ObjectDisposedException) when (!_disposed)
        {
            throw new CryptographicException("The data key has been destroyed.");
        }
    }

    public void Dispose()
    {
        _disposed = true;
        foreach (var segment in _segments.Values)
        {
            segment.Dispose();
        }

        _current?.Dispose();
        _subjects.Dispose();
        _keks.Dispose();
        _root.Dispose();
        _formerRoots.ForEach(root => root.Dispose());
        foreach (var key in (byte[][])
            [Installation.LogSigning, Installation.BlindIndex, Installation.PageToken, _subjectNameKey])
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>A new key-encryption key, not written yet.</summary>
    internal static DataKeyRow NewKek(IRootKey root, int version, DateTimeOffset now)
    {
        var id = $"key_{Guid.CreateVersion7(now)}";
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        var wrapped = root.Wrap(key, id, KeyKinds.Kek);
        CryptographicOperations.ZeroMemory(key);
        return new DataKeyRow
        {
            Id = id,
            Kind = KeyKinds.Kek,
            Wrapped = wrapped,
            Algorithm = Algorithm,
            CreatedAt = now,
            State = DataKeyRow.Active,
            Version = version,
        };
    }

    private static async Task<KeyEncryptionKeys> UnwrapKekAsync(
        DataKeyTable table, IRootKey root, DataKeyRow kek, CancellationToken cancellationToken)
    {
        try
        {
            return new KeyEncryptionKeys(table, root, kek);
        }
        catch (CryptographicException failure)
        {
            if (await table.FindAsync(RootMemory.IdOf(root.Fingerprint), cancellationToken) is { } former)
            {
                throw new StorageException(
                    "keys.root_rotated_away",
                    $"AUDIT_ENCRYPTION_KEY is version {former.Version} of the root key, which was rotated away and is "
                    + $"below the minimum version {former.Version + 1}. Give the key that replaced it.",
                    failure);
            }

            throw new StorageException(
                "keys.root_mismatch",
                "AUDIT_ENCRYPTION_KEY is not the key this store was made with. Give the key it was made with; "
                + "without it nothing that is encrypted can be read.",
                failure);
        }
    }

    private async Task<byte[]> SingleAsync(string kind, CancellationToken cancellationToken)
    {
        var row = await FindOrCreateAsync(_table, kind, () => NewRow(kind, _time.GetUtcNow(), null), cancellationToken);
        try
        {
            return _keks.Unwrap(row);
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
        while (true)
        {
            var row = NewRow(KeyKinds.Segment, _time.GetUtcNow(), null);
            if (await _table.TryInsertAsync(row, cancellationToken))
            {
                var key = _keks.Unwrap(row);
                var segment = new SegmentKey(row.Id, key, row.CreatedAt, _limits, Environment.ProcessorCount);
                CryptographicOperations.ZeroMemory(key);
                Remember(segment);
                return segment;
            }

            // Another node has rotated the key-encryption key and destroyed the one this process knows.
            _keks.Refresh();
        }
    }

    private SegmentKey Load(string keyId)
    {
        // Once for each key and process, as far as they are kept; callers decrypt in synchronous code.
        var root = SubjectKey.RootOf(keyId);
        var (row, key) = Unwrapped(root, root is null ? null : _rows.Find(root), () => _table.Find(root ?? keyId));
        if (key is null || row!.Kind != (root is null ? KeyKinds.Segment : KeyKinds.Subject))
        {
            throw new CryptographicException("The data key is not there or has been destroyed.");
        }

        var loaded = root is null
            ? new SegmentKey(row.Id, key, row.CreatedAt, limits: null)
            : SubjectKey.DeriveToOpen(key, keyId, row);
        CryptographicOperations.ZeroMemory(key);
        return loaded;
    }

    /// <summary>A stored key: from a row that is kept where it still opens, else from the store.</summary>
    /// <param name="id">The row that is asked for; null for the newest one of a person, or of no person.</param>
    /// <param name="kept">What is kept; null for nothing.</param>
    /// <param name="read">Reads the store.</param>
    /// <returns>Nulls when there is no such row; no key when it was destroyed.</returns>
    private (DataKeyRow? Row, byte[]? Key) Unwrapped(string? id, DataKeyRow? kept, Func<DataKeyRow?> read)
    {
        if (kept is not null)
        {
            try
            {
                return (kept, _keks.Unwrap(kept));
            }
            catch (CryptographicException)
            {
                _rows.Drop(kept); // It was wrapped anew since then.
            }
        }

        var moment = _rows.Moment;
        if (read() is not { Wrapped: not null } row)
        {
            return default;
        }

        var key = _keks.Unwrap(row);
        _rows.Keep(row, isNewest: id is null, moment);
        return (row, key);
    }

    private SegmentKey Remember(SegmentKey segment)
    {
        if (Volatile.Read(ref _remembered) >= MostCached)
        {
            foreach (var (id, _) in _segments.Take(MostCached / 4))
            {
                Let(id);
            }
        }

        var kept = _segments.GetOrAdd(segment.Id, segment);
        if (ReferenceEquals(kept, segment))
        {
            Interlocked.Increment(ref _remembered);
        }

        return kept;
    }

    private SegmentKey? Let(string id)
    {
        if (!_segments.TryRemove(id, out var gone))
        {
            return null;
        }

        Interlocked.Decrement(ref _remembered);
        return gone;
    }

    /// <summary>Not met lately: the stored key, or a new one that the commit will write.</summary>
    private SubjectKey FetchSubject(ReadOnlySpan<byte> name)
    {
        var digest = DigestOf(name);
        var (row, key) = Unwrapped(null, _rows.FindSubject(digest), () => _table.FindSubject(digest));
        var isStored = row is not null;
        row ??= NewRow(KeyKinds.Subject, _time.GetUtcNow(), digest);
        var made = new SubjectKey(row, key ?? _keks.Unwrap(row), _keks, _limits.ForSubjects, isStored);
        var kept = _subjects.Keep(name, made);
        if (!ReferenceEquals(kept, made))
        {
            made.Dispose();
        }

        return kept;
    }

    private static async Task<DataKeyRow> FindOrCreateAsync(
        DataKeyTable table, string kind, Func<DataKeyRow> make, CancellationToken cancellationToken)
    {
        var row = await table.FindActiveAsync(kind, cancellationToken);
        if (row is not null)
        {
            return row;
        }

        // Another node may be first: then nothing is inserted, and whichever row is there is the key.
        await table.TryInsertAsync(make(), cancellationToken);
        return await table.FindActiveAsync(kind, cancellationToken)
            ?? throw new StorageException("keys.unwrap_failed", $"The {kind} key vanished while it was made.");
    }

    private DataKeyRow NewRow(string kind, DateTimeOffset now, string? subject)
    {
        var id = NewId(kind, now, subject);
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        var wrapped = _keks.Wrap(key, id, kind, out var wrappedBy);
        CryptographicOperations.ZeroMemory(key);
        return new DataKeyRow
        {
            Id = id,
            Kind = kind,
            WrappedBy = wrappedBy,
            Wrapped = wrapped,
            Algorithm = Algorithm,
            CreatedAt = now,
            State = DataKeyRow.Active,
            Subject = subject,
        };
    }

    /// <summary>
    /// The ids of data keys stand in every entry, so they are short. That of a person's key tells whose it is: the
    /// digest, and 72 random bits that tell several keys of one person apart.
    /// </summary>
    private static string NewId(string kind, DateTimeOffset now, string? subject) => kind switch
    {
        KeyKinds.Segment => "seg_" + Base64Url.EncodeToString(Guid.CreateVersion7(now).ToByteArray(bigEndian: true)),
        KeyKinds.Subject => SubjectKey.NewRootId(
            subject ?? throw new ArgumentException("A subject key names its subject.", nameof(subject))),
        _ => $"key_{Guid.CreateVersion7(now)}",
    };
}
