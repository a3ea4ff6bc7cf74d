using Microsoft.Extensions.Logging.Abstractions;
using Probity.Ledger.Entries;
using Probity.Ledger.Json;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Start;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.AuditTrail.Verification;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Benchmarks.Stores;

/// <summary>A log on a real store as the server opens it, without the server.</summary>
internal sealed class BenchedLedger : IAsyncDisposable
{
    private static readonly byte[] s_root = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly IDatabase _database;
    private readonly KeyRing _keys;
    private readonly NoteSigner _signer;
    private readonly LedgerMetrics _metrics = new();

    private BenchedLedger(IDatabase database, ILedgerStore store, KeyRing keys, NoteSigner signer, LogIdentity log)
    {
        (_database, Store, _keys, _signer, Log) = (database, store, keys, signer, log);
        Writer = new LedgerWriter(
            store, new Sequencer(signer), new CommitSignal(), TimeProvider.System, _metrics,
            NullLogger<LedgerWriter>.Instance);
        Encrypting = new EventPreparer(log.Origin, keys, TimeProvider.System);
        Plain = new EventPreparer(log.Origin, null, TimeProvider.System);
        Reader = new LedgerReader(store);
    }

    public ILedgerStore Store { get; }

    public LogIdentity Log { get; }

    public LedgerWriter Writer { get; }

    public EventPreparer Encrypting { get; }

    public EventPreparer Plain { get; }

    public LedgerReader Reader { get; }

    /// <summary>Opens a log and starts its writer; the ledger owns the database from here on.</summary>
    public static async Task<BenchedLedger> OpenAsync(IDatabase database)
    {
        var keys = await KeyRing.OpenAsync(database, s_root, TimeProvider.System, CancellationToken.None);
        ILedgerStore store = database is SqliteDatabase sqlite
            ? new SqliteLedgerStore(sqlite)
            : new PostgresLedgerStore((PostgresDatabase)database);
        var head = await LedgerStart.OpenAsync(store, null, CancellationToken.None);
        var signer = NoteSigner.FromSeed(head.Origin, keys.Installation.LogSigning);
        LedgerStart.CheckHead(head, signer.Key);
        var ledger = new BenchedLedger(database, store, keys, signer, new LogIdentity(head.Origin, signer.Key));
        await ledger.Writer.StartAsync(CancellationToken.None);
        return ledger;
    }

    public static PreparedEntry[] Prepare(EventPreparer preparer, ReadOnlySpan<ReadOnlyMemory<byte>> events)
    {
        var prepared = new PreparedEntry[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            using var tape = JsonTape.Parse(events[i], JsonLimits.Default);
            prepared[i] = preparer.Prepare(tape.Root);
        }

        return prepared;
    }

    public async Task CommitAsync(PreparedEntry[] entries)
    {
        if (await Writer.AppendAsync(new AppendRequest(entries)) is not AppendResult.Committed)
        {
            throw new InvalidOperationException("The ledger did not take the batch.");
        }
    }

    public async Task<AuditReport> AuditAsync()
    {
        var stored = await StoredLog.OpenAsync(Store, Log.Origin, CancellationToken.None);
        return await LogAuditor.AuditAsync(stored, new AuditOptions([Log.Key]) { Blobs = stored }, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Store.DisposeAsync();
        _keys.Dispose();
        _signer.Dispose();
        _metrics.Dispose();
        await _database.DisposeAsync();
    }
}
