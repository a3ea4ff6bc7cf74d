using System.Globalization;
using System.Text.Json.Nodes;
using Probity.Benchmarks.Stores;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// Append, from the bytes of JSON events to the durable commit, against raw inserts of rows of the same size into the
/// same table. The two take turns in short windows, so that whatever else the machine does meets both.
/// </summary>
internal sealed class AppendMeasurement
{
    private const int Events = 4_096;
    private static readonly int[] s_batches = [100, 1_000, 4_000];

    private readonly ReadOnlyMemory<byte>[] _events = SampleEvents.Make(Events);
    private readonly BenchedLedger _ledger;
    private readonly BenchedLedger _plainLedger;
    private readonly RawStore _raw;
    private readonly BenchmarkOptions _options;

    private AppendMeasurement(BenchedLedger ledger, BenchedLedger plain, RawStore raw, BenchmarkOptions options) =>
        (_ledger, _plainLedger, _raw, _options) = (ledger, plain, raw, options);

    public static async Task<JsonObject> RunAsync(StoreFactory stores, BenchmarkOptions options)
    {
        await using var ledger = await BenchedLedger.OpenAsync(await stores.NewDatabaseAsync());
        var entryBytes = await EntryBytesAsync(ledger);
        await using var raw = new RawStore(await stores.NewDatabaseAsync(), entryBytes);
        // A database of its own: shorter rows among longer ones would make PostgreSQL look for room between them.
        await using var plain = await BenchedLedger.OpenAsync(await stores.NewDatabaseAsync());
        var measurement = new AppendMeasurement(ledger, plain, raw, options);
        var report = new JsonObject { ["entry_bytes"] = entryBytes };
        await measurement.WarmUpAsync();
        foreach (var batch in s_batches)
        {
            var measured = await measurement.BatchAsync(batch);
            BenchmarkRun.Say(measured.ToJsonString()); // A run that is cut short has told what it knows.
            report[string.Create(CultureInfo.InvariantCulture, $"batch_{batch}")] = measured;
        }

        return report;
    }

    private static async Task<int> EntryBytesAsync(BenchedLedger ledger)
    {
        await ledger.CommitAsync(BenchedLedger.Prepare(ledger.Encrypting, SampleEvents.Make(1)));
        return (await ledger.Store.ReadEntriesAsync(0, 1, CancellationToken.None))[0].Body.Length;
    }

    private async Task WarmUpAsync()
    {
        const int Batch = 500;
        BenchmarkRun.Say("warming up");
        await PipelinedAsync(_ledger, _ledger.Encrypting, Batch, Rates.WarmUp, new Rates());
        await PipelinedAsync(_plainLedger, _plainLedger.Plain, Batch, Rates.WarmUp / 3, new Rates());
        await new Rates().MeasureAsync(Rates.WarmUp / 3, () => RawAsync(Batch));
    }

    private async Task<JsonObject> BatchAsync(int batch)
    {
        var (raw, append, plain, lone, commit, prepare) =
            (new Rates(), new Rates(), new Rates(), new Rates(), new Rates(), new Rates());
        var prepared = BenchedLedger.Prepare(_ledger.Encrypting, _events.AsSpan(0, batch));
        var brief = _options.Window / 2;
        for (var i = 0; i < _options.Rounds; i++)
        {
            BenchmarkRun.Say($"append, batch {batch}, round {i + 1} of {_options.Rounds}");
            await raw.MeasureAsync(_options.Window, () => RawAsync(batch));
            await PipelinedAsync(_ledger, _ledger.Encrypting, batch, _options.Window, append);
            await PipelinedAsync(_plainLedger, _plainLedger.Plain, batch, _options.Window, plain);
            await lone.MeasureAsync(brief, () => PrepareAndCommitAsync(batch));
            await commit.MeasureAsync(brief, () => CommitAsync(prepared));
            await prepare.MeasureAsync(brief, () => PrepareAsync(batch));
        }

        return new JsonObject
        {
            ["raw"] = raw.ToJson(),
            ["append"] = append.ToJson(),
            ["append_without_encryption"] = plain.ToJson(),
            ["append_one_at_a_time"] = lone.ToJson(),
            ["commit_alone"] = commit.ToJson(),
            ["prepare_alone"] = prepare.ToJson(),
            ["append_to_raw"] = Rates.Ratio(append.Median, raw.Median),
            ["append_to_raw_best"] = Rates.Ratio(append.Best, raw.Best),
            ["append_to_raw_without_encryption"] = Rates.Ratio(plain.Median, raw.Median),
            ["encryption_cpu_us"] = Math.Round(append.ProcessorMicros - plain.ProcessorMicros, 2),
        };
    }

    private async Task<long> RawAsync(int batch)
    {
        await _raw.InsertAsync(batch);
        return batch;
    }

    /// <summary>One batch is prepared while the one before is being committed; never are two committed together.</summary>
    private Task PipelinedAsync(
        BenchedLedger ledger, EventPreparer preparer, int batch, TimeSpan window, Rates rates)
    {
        PreparedEntry[] next = [];
        return rates.MeasureAsync(window, async () =>
        {
            next = next.Length == 0 ? BenchedLedger.Prepare(preparer, Slice(batch)) : next;
            var committing = ledger.CommitAsync(next);
            next = BenchedLedger.Prepare(preparer, Slice(batch));
            await committing;
            return batch;
        });
    }

    private async Task<long> PrepareAndCommitAsync(int batch)
    {
        await _ledger.CommitAsync(BenchedLedger.Prepare(_ledger.Encrypting, Slice(batch)));
        return batch;
    }

    private async Task<long> CommitAsync(PreparedEntry[] prepared)
    {
        await _ledger.CommitAsync(prepared);
        return prepared.Length;
    }

    private Task<long> PrepareAsync(int batch) =>
        Task.FromResult((long)BenchedLedger.Prepare(_ledger.Encrypting, Slice(batch)).Length);

    private ReadOnlySpan<ReadOnlyMemory<byte>> Slice(int batch) => _events.AsSpan(0, batch);
}
