using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using Probity.Benchmarks.Stores;
using Probity.Ledger.Verification;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Benchmarks.Measurements;

/// <summary>A long log: its size on disk, how soon it opens, how fast proofs are made and everything is verified.</summary>
internal static class LogMeasurement
{
    private const int Batch = 4_000;
    private const int Proofs = 2_000;

    /// <summary>Most entries that the exported log in memory holds.</summary>
    private const int BundledEntries = 500_000;

    public static async Task<JsonObject> RunAsync(StoreFactory stores, BenchmarkOptions options)
    {
        var address = await stores.NewAddressAsync();
        var report = new JsonObject { ["entries"] = options.Entries };
        await using (var database = stores.Open(address))
        {
            await MigrationPlan.ApplyAsync(database, CancellationToken.None);
        }

        await using (var ledger = await BenchedLedger.OpenAsync(stores.Open(address)))
        {
            report["fill_per_s"] = await FillAsync(ledger, options.Entries);
        }

        await using (var database = stores.Open(address))
        {
            report["stored_bytes_per_event"] = Math.Round(await StoredBytesAsync(database) / (double)options.Entries, 1);
        }

        var started = Stopwatch.GetTimestamp();
        await using var opened = stores.Open(address);
        await using var reopened = await BenchedLedger.OpenAsync(opened);
        await reopened.CommitAsync(BenchedLedger.Prepare(reopened.Encrypting, SampleEvents.Make(1)));
        report["start_to_first_append_ms"] = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
        report["proof"] = await ProofsAsync(reopened, options.Entries);
        report["verify_store"] = await VerifyStoreAsync(reopened, opened, options);
        report["verify_bundles"] = await VerifyBundlesAsync(reopened, options);
        return report;
    }

    /// <summary>The same prepared events again and again: a long log in little time, with places of their own.</summary>
    private static async Task<double> FillAsync(BenchedLedger ledger, int entries)
    {
        var prepared = BenchedLedger.Prepare(ledger.Encrypting, SampleEvents.Make(Batch));
        var started = Stopwatch.GetTimestamp();
        for (var at = 0; at < entries; at += Batch)
        {
            if (at % (Batch * 50) == 0)
            {
                BenchmarkRun.Say($"filling, {at} of {entries}");
            }

            await ledger.CommitAsync(entries - at < Batch ? prepared[..(entries - at)] : prepared);
        }

        return Math.Round(entries / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static async Task<double> StoredBytesAsync(IDatabase database)
    {
        if (database is SqliteDatabase sqlite)
        {
            return new FileInfo(sqlite.Path).Length;
        }

        await using var connection = await ((PostgresDatabase)database).Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select sum(pg_total_relation_size(c.oid)) from pg_class c where c.relname like 'ledger\\_%' and c.relkind = 'r'",
            connection);
        return (double)(decimal)(await command.ExecuteScalarAsync() ?? 0m);
    }

    private static async Task<JsonObject> ProofsAsync(BenchedLedger ledger, int entries)
    {
        var micros = new double[Proofs];
        for (var i = -100; i < Proofs; i++)
        {
            var seq = RandomNumberGenerator.GetInt32(entries);
            var started = Stopwatch.GetTimestamp();
            _ = await ledger.Reader.ProofAsync(seq, null, CancellationToken.None)
                ?? throw new InvalidOperationException($"No proof of entry {seq}.");
            micros[Math.Max(i, 0)] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        Array.Sort(micros);
        return new JsonObject
        {
            ["p50_us"] = Math.Round(micros[Proofs / 2]),
            ["p99_us"] = Math.Round(micros[Proofs * 99 / 100]),
        };
    }

    private static async Task<JsonObject> VerifyStoreAsync(
        BenchedLedger ledger, IDatabase database, BenchmarkOptions options)
    {
        var (read, audit) = (new Rates(), new Rates());
        for (var i = 0; i < Repetitions(options); i++)
        {
            BenchmarkRun.Say($"verifying the store, round {i + 1}");
            await read.MeasureAsync(options.Window, async () => (await RawStore.ReadAsync(database)).Rows);
            await audit.MeasureAsync(options.Window, async () => Sound(await ledger.AuditAsync()));
        }

        return new JsonObject
        {
            ["bare_read"] = read.ToJson(),
            ["verify"] = audit.ToJson(),
            ["verify_to_read"] = Rates.Ratio(audit.Median, read.Median),
            ["verify_to_read_best"] = Rates.Ratio(audit.Best, read.Best),
        };
    }

    private static async Task<JsonObject> VerifyBundlesAsync(BenchedLedger ledger, BenchmarkOptions options)
    {
        BenchmarkRun.Say("verifying bundles in memory");
        var log = await BundledLog.ReadAsync(ledger.Store, ledger.Reader, BundledEntries);
        var audit = new Rates();
        for (var i = 0; i < Repetitions(options); i++)
        {
            await audit.MeasureAsync(options.Window, async () => Sound(
                await LogAuditor.AuditAsync(log, new AuditOptions([ledger.Log.Key]), CancellationToken.None)));
        }

        return audit.ToJson();
    }

    // Ten million entries take minutes to verify: two passes tell enough.
    private static int Repetitions(BenchmarkOptions options) =>
        options.Entries > 2_000_000 ? 2 : Math.Min(options.Rounds, 5);

    private static long Sound(AuditReport report) => report.IsSound
        ? report.Counts.Entries
        : throw new InvalidOperationException($"The log is not sound: {report.First}");
}
