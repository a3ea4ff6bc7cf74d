using System.Security.Cryptography;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.Hosting.Problems;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.KeyCare;

/// <summary>Rotates the key-encryption key and shows the state of all keys. Thread safe; one rotation at a
/// time.</summary>
internal sealed class KeyDesk(IDatabase database, LedgerRuntime runtime, Lazy<ILedgerWriter> ledger, TimeProvider time)
    : IDisposable
{
    private readonly DataKeyTable _table = new(database);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The present root key.</summary>
    public IRootKey Root => runtime.Keys.Root;

    /// <summary>
    /// Makes a new key-encryption key, wraps every key under it, and destroys the former one. Requests go on meanwhile.
    /// Interrupted after the commit, the rest is done at the next start or rotation.
    /// </summary>
    /// <exception cref="StorageException">keys.rotation_raced: another node has just rotated.</exception>
    public async Task<KeyStateView> RotateAsync(AccessEntry entry, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var ring = runtime.Keys;
            var former = await _table.FindActiveAsync(KeyKinds.Kek, cancellationToken)
                ?? throw new StorageException("keys.missing", "The store holds no keys.");
            var next = KeyRing.NewKek(ring.Root, (former.Version ?? 1) + 1, time.GetUtcNow());
            var draft = entry.Draft(
                CustodyEvents.KeyRotated, "custody.key.rotate", "sys_crypto", new EntryTarget("data_key", next.Id),
                ("version", next.Version), ("replaces", former.Id),
                    ("former", "destroyed once nothing is wrapped under it"));
            await ledger.Value.AppendAsync(
                new AppendRequest([draft])
                {
                    Alongside = async (connection, transaction, token) =>
                    {
                        await DataKeyTable.ExchangeAsync(connection, transaction, former.Id, next, token);
                        await DataKeyTable.RequireRootAsync(
                            connection, transaction, RootMemory.IdOf(ring.Root.Fingerprint), token);
                    },
                },
                cancellationToken);
            ring.Keks.Activate(next);
            await FinishAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }

        return await StateAsync(cancellationToken);
    }

    /// <summary>
    /// Wraps every key-encryption key under another root key; the former one opens nothing from then on, but older
    /// backups. One commit of the ledger, so that it is done as a whole or not at all; requests go on meanwhile.
    /// </summary>
    /// <param name="next">The new root key; the key ring owns it when the task completes.</param>
    /// <param name="entry">What the entry has in common with the request's others.</param>
    /// <param name="cancellationToken">Ends the wait for its turn; a commit that has begun is finished.</param>
    /// <exception cref="StorageException">keys.rotation_raced: another node has just rotated.</exception>
    /// <exception cref="ProblemException">It is the root key already, or was one before.</exception>
    public async Task<KeyStateView> RotateRootAsync(
        IRootKey next, AccessEntry entry, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var ring = runtime.Keys;
            var former = ring.Root;
            var rows = await _table.ListKeksAsync(cancellationToken);
            RequireNew(next, former, rows);
            var version = RootVersion(rows);
            var keks = rows.Where(row => row.Kind == KeyKinds.Kek && row.State != DataKeyRow.Destroyed)
                .Select(row => (row, WrapUnder(next, former, row))).ToList();
            var draft = entry.Draft(
                CustodyEvents.RootRotated, "custody.root_key.rotate", "sys_crypto",
                new EntryTarget("root_key", next.Fingerprint), ("version", version + 1), ("provider", next.Provider),
                ("replaces", former.Fingerprint), ("wrapped_anew", keks.ConvertAll(k => k.row.Id)));
            await ledger.Value.AppendAsync(
                new AppendRequest([draft])
                {
                    Alongside = (connection, transaction, token) => DataKeyTable.ReplaceRootAsync(
                        connection, transaction, keks, RootMemory.Row(former.Fingerprint, version, time.GetUtcNow()),
                        token),
                },
                cancellationToken);
            ring.ReplaceRoot(next);
            await database.ScrubAsync(CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }

        return await StateAsync(CancellationToken.None);
    }

    /// <summary>Does what an interrupted rotation left; nothing when none did.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await new KeyRotation(database, runtime.Keys).RewrapAsync(cancellationToken);
        await _table.DestroyUnusedAsync(cancellationToken);
        await database.ScrubAsync(cancellationToken);
    }

    /// <summary>Whether a rotation was interrupted.</summary>
    public async Task<bool> IsUnfinishedAsync(CancellationToken cancellationToken) =>
        (await _table.ListKeksAsync(cancellationToken)).Any(row => row.State == DataKeyRow.Retired);

    /// <summary>The keys, without any key.</summary>
    public async Task<KeyStateView> StateAsync(CancellationToken cancellationToken)
    {
        var counts = await _table.CountAsync(cancellationToken);
        var ring = runtime.Keys;
        var now = time.GetUtcNow();
        var rows = await _table.ListKeksAsync(cancellationToken);
        var rootVersion = RootVersion(rows);
        var keks = rows.Where(row => row.Kind == KeyKinds.Kek).Select(row => new KekView(
            row.Id, row.Version ?? 1, row.State, row.CreatedAt, (int)(now - row.CreatedAt).TotalDays,
            counts.Where(c => c.WrappedBy == row.Id && c.State != DataKeyRow.Destroyed).Sum(c => c.Count))).ToList();
        return new KeyStateView
        {
            Root = new RootView(ring.Root.Provider, ring.Root.Fingerprint, rootVersion, rootVersion),
            KeyEncryptionKeys = keks,
            MinimumVersion = keks.Where(k => k.State != DataKeyRow.Destroyed).Min(k => k.Version),
            DataKeys =
            [
                .. counts.Where(c => c.Kind is not (KeyKinds.Kek or KeyKinds.Root)).GroupBy(c => (c.Kind, c.State))
                    .OrderBy(g => g.Key.Kind, StringComparer.Ordinal).ThenBy(g => g.Key.State, StringComparer.Ordinal)
                    .Select(g => new KeyKindView(g.Key.Kind, g.Key.State, g.Sum(c => c.Count), g.Min(c => c.Oldest),
                        g.Max(c => c.Newest))),
            ],
            PresentUses = ring.PresentUses,
            UseBound = ring.UseBound,
            CachedSubjects = ring.CachedSubjects,
            EncryptionIsOn = runtime.SealingCipher is not null,
        };
    }

    public void Dispose() => _turn.Dispose();

    private static int RootVersion(IEnumerable<DataKeyRow> rows) =>
        1 + rows.Where(row => row.Kind == KeyKinds.Root).Select(row => row.Version ?? 0).DefaultIfEmpty(0).Max();

    private static void RequireNew(IRootKey next, IRootKey former, IEnumerable<DataKeyRow> rows)
    {
        if (next.Fingerprint == former.Fingerprint)
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, "The new root key is the present one.");
        }

        if (rows.Any(row => row.Id == RootMemory.IdOf(next.Fingerprint)))
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState,
                "The new root key was rotated away before. Draw another one.");
        }
    }

    private static byte[] WrapUnder(IRootKey next, IRootKey former, DataKeyRow row)
    {
        try
        {
            var key = former.Unwrap(row.Wrapped, row.Id, row.Kind);
            var wrapped = next.Wrap(key, row.Id, row.Kind);
            CryptographicOperations.ZeroMemory(key);
            return wrapped;
        }
        catch (CryptographicException failure)
        {
            throw new StorageException(
                "keys.unwrap_failed", $"The stored {row.Kind} key {row.Id} was altered or is under another root key.",
                failure);
        }
    }
}

/// <summary>The state of every key.</summary>
internal sealed record KeyStateView
{
    public required RootView Root { get; init; }

    public required IReadOnlyList<KekView> KeyEncryptionKeys { get; init; }

    /// <summary>Keys below this version are destroyed and open nothing.</summary>
    public required int MinimumVersion { get; init; }

    public required IReadOnlyList<KeyKindView> DataKeys { get; init; }

    /// <summary>Sealings of this process under the present data key, of <see cref="UseBound"/>.</summary>
    public required long PresentUses { get; init; }

    public required long UseBound { get; init; }

    /// <summary>Persons whose keys are in this process's memory.</summary>
    public required int CachedSubjects { get; init; }

    public required bool EncryptionIsOn { get; init; }
}

/// <summary>The root key: where it is, and 16 hex digits that tell it from others.</summary>
internal sealed record RootView(string Provider, string Fingerprint, int Version, int MinimumVersion);

/// <summary>A key-encryption key.</summary>
internal sealed record KekView(string Id, int Version, string State, DateTimeOffset CreatedAt, int AgeDays, long Wraps);

/// <summary>Keys of one kind and state.</summary>
internal sealed record KeyKindView(string Kind, string State, long Count, DateTimeOffset Oldest, DateTimeOffset Newest);
