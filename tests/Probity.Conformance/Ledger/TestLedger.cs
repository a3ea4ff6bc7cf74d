using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Probity.Conformance.Storage;
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

namespace Probity.Conformance.Ledger;

/// <summary>A log on a real store, without a server around it.</summary>
internal sealed class TestLedger : IAsyncDisposable
{
    private static readonly byte[] s_root = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private readonly NoteSigner _signer;

    private TestLedger(TestStore store, ILedgerStore ledger, KeyRing keys, NoteSigner signer, LogIdentity log)
    {
        (Store, Ledger, Keys, _signer, Log) = (store, ledger, keys, signer, log);
        Signal = new CommitSignal();
        Metrics = new LedgerMetrics();
        Writer = new LedgerWriter(
            ledger, new Sequencer(signer), Signal, TimeProvider.System, Metrics, NullLogger<LedgerWriter>.Instance);
        Preparer = new EventPreparer(log.Origin, keys, TimeProvider.System);
        Opener = new EntryOpener(ledger, keys);
        Reader = new LedgerReader(ledger);
    }

    public TestStore Store { get; }

    public ILedgerStore Ledger { get; }

    public KeyRing Keys { get; }

    public LogIdentity Log { get; }

    public CommitSignal Signal { get; }

    public LedgerMetrics Metrics { get; }

    public LedgerWriter Writer { get; private set; }

    public EventPreparer Preparer { get; }

    public EntryOpener Opener { get; }

    public LedgerReader Reader { get; }

    public static async Task<TestLedger> OpenAsync(TestStore store)
    {
        var keys = await KeyRing.OpenAsync(store.Database, s_root, TimeProvider.System, CancellationToken.None);
        await keys.WarmAsync(CancellationToken.None);
        ILedgerStore ledger = store.Kind == StoreKind.Sqlite
            ? new SqliteLedgerStore(store.Sqlite)
            : new PostgresLedgerStore(store.Postgres);
        var head = await LedgerStart.OpenAsync(ledger, null, CancellationToken.None);
        var signer = NoteSigner.FromSeed(head.Origin, keys.Installation.LogSigning);
        var test = new TestLedger(store, ledger, keys, signer, new LogIdentity(head.Origin, signer.Key));
        await test.Writer.StartAsync(CancellationToken.None);
        return test;
    }

    public PreparedEntry Prepare(string json)
    {
        using var tape = JsonTape.Parse(Encoding.UTF8.GetBytes(json), JsonLimits.Default);
        return Preparer.Prepare(tape.Root);
    }

    public async Task<AppendResult> AppendAsync(params string[] events) =>
        await Writer.AppendAsync(new AppendRequest([.. events.Select(Prepare)]));

    public async Task<AppendResult.Committed> CommitAsync(params string[] events) =>
        (AppendResult.Committed)await AppendAsync(events);

    /// <summary>Appends numbered events in batches.</summary>
    public async Task FillAsync(int count, int batch = 500)
    {
        for (var i = 0; i < count; i += batch)
        {
            await CommitAsync([.. Enumerable.Range(i, Math.Min(batch, count - i)).Select(Event)]);
        }
    }

    public static string Event(int number) =>
        $$$"""{"action":"test.do","actor":{"id":"u{{{number}}}","name":"Name {{{number}}}"},"data":{"n":{{{number}}}}}""";

    public async Task<AuditReport> AuditAsync(params string[] outside)
    {
        var stored = await StoredLog.OpenAsync(Ledger, Log.Origin, CancellationToken.None);
        return await LogAuditor.AuditAsync(
            stored, new AuditOptions([Log.Key], outside) { Blobs = stored }, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await Ledger.DisposeAsync();
        Keys.Dispose();
        _signer.Dispose();
        Metrics.Dispose();
        await Store.DisposeAsync();
    }
}
