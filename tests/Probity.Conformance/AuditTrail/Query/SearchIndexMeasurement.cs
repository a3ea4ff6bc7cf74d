using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Xunit;

namespace Probity.Conformance.AuditTrail.Query;

/// <summary>
/// Rates, latencies and size of the index at scale; runs only when asked for (<c>-explicit only</c>). The number of
/// events is taken from PROBITY_SEARCH_EVENTS, 1,000,000 without it.
/// </summary>
public sealed class SearchIndexMeasurement(ITestOutputHelper output)
{
    private const int Batch = 4096;
    private const int Repeats = 20;

    private static readonly TextTokens s_tokens = new(new byte[32]);

    private static readonly string[] s_filters =
    [
        "", "actor=user-77", "actor=nobody", "action=payment.approve", "action=payment.*", "outcome=failure",
        "outcome=unknown", "session=s-500", "target=acc-4242", "trace_id=00000000000000000000000000030d40",
        "external_id=core-900000", "text:word77", "text:\"word1 word2 word3\"", "text:rare500", "service=svc-3",
        "actor=user-77 action=payment.approve", "outcome=denied role=auditor", "outcome=unknown actor.type=service",
        "case:* outcome=failure", "actor=user-7* outcome=failure", "external_id=core-9999*", "NOT outcome=success",
        "occurred_at<2026-01-01T01:00:00Z", "time>=2026-01-01T02:00:00Z time<2026-01-01T02:01:00Z outcome=failure",
        "target=acc-42* session=s-1*",
    ];

    private static long Count => long.Parse(
        Environment.GetEnvironmentVariable("PROBITY_SEARCH_EVENTS") ?? "1000000", CultureInfo.InvariantCulture);

    [Fact(Explicit = true)]
    public async Task Sqlite_at_scale()
    {
        var folder = Directory.CreateTempSubdirectory("probity-search-").FullName;
        try
        {
            using var index = new SqliteSearchIndex(Path.Combine(folder, "search.db"), s_tokens);
            await MeasureAsync("SQLite", index, () => Task.FromResult(
                Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact(Explicit = true)]
    public async Task Postgres_at_scale()
    {
        PostgresCluster.SkipIfMissing();
        await using var cluster = new PostgresCluster();
        await cluster.InitializeAsync();
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
        var index = new PostgresSearchIndex(database, s_tokens);
        await index.EnsureCreatedAsync(CancellationToken.None);
        await MeasureAsync("PostgreSQL", index, async () =>
        {
            await using var size = database.CreateCommand("SELECT pg_database_size(current_database()) - 7900000");
            return (long)(await size.ExecuteScalarAsync() ?? 0L);
        });
    }

    private async Task MeasureAsync(string store, ISearchIndex index, Func<Task<long>> size)
    {
        var applying = new Stopwatch();
        var slowest = TimeSpan.Zero;
        var cpu = TimeSpan.Zero;
        for (long from = 0; from < Count; from += Batch)
        {
            var to = Math.Min(Count, from + Batch);
            List<IndexedEvent> events = [.. Enumerable.Range(0, (int)(to - from)).Select(n => Event(from + n))];
            var before = applying.Elapsed;
            var cpuBefore = Environment.CpuUsage.TotalTime;
            applying.Start();
            await index.ApplyAsync(events, to, CancellationToken.None);
            applying.Stop();
            cpu += Environment.CpuUsage.TotalTime - cpuBefore;
            slowest = applying.Elapsed - before > slowest ? applying.Elapsed - before : slowest;
        }

        var bytes = (double)await size();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{store}: {Count} events, {Count / applying.Elapsed.TotalSeconds:F0} events/s applied, {Count / cpu.TotalSeconds:F0} per CPU second of this process, slowest batch {slowest.TotalMilliseconds:F0} ms, {bytes / Count:F1} bytes/event"));
        foreach (var filter in s_filters)
        {
            await MeasureAsync(index, filter);
        }

        var find = Stopwatch.StartNew();
        Assert.Equal(Count / 3, await index.FindSeqAsync($"evt_{Id(Count / 3):D}", CancellationToken.None));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  find by id {find.Elapsed.TotalMilliseconds:F1} ms"));
    }

    private async Task MeasureAsync(ISearchIndex index, string filter)
    {
        var query = new SearchQuery(EventFilter.Parse(filter, DateTimeOffset.UnixEpoch));
        var times = new List<double>();
        var found = 0;
        for (var i = 0; i < Repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            found = (await index.SearchAsync(query, CancellationToken.None)).Sequences.Count;
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  p50 {times[Repeats / 2],7:F1}  p95 {times[Repeats * 95 / 100],7:F1} ms  {found,3} found  {filter}"));
    }

    private static IndexedEvent Event(long seq)
    {
        var random = new Sequence((ulong)seq);
        var recorded = Instants.ToMicroseconds(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) + (seq * 10_000);
        List<FieldValue> values =
        [
            new(FilterField.ActorId, Text("user-", random.Below(5000))),
            new(FilterField.ActorType, random.Pick("user", "user", "service")),
            new(FilterField.Role, random.Pick("teller", "officer", "auditor", "admin")),
            new(FilterField.Session, Text("s-", seq / 40)),
            new(FilterField.Action, random.Pick("payment.create", "payment.approve", "login", "logout", "customer.read")),
            new(FilterField.Type, "event"),
            new(FilterField.Outcome, random.Below(50) switch { 0 => "failure", 1 => "denied", _ => "success" }),
            new(FilterField.Source, "core"),
            new(FilterField.ExternalId, Text("core-", seq)),
            new(FilterField.Service, Text("svc-", random.Below(20))),
            new(FilterField.RequestId, Id(seq ^ 0x5555).ToString("D")),
            new(FilterField.TraceId, (seq / 4).ToString("x32", CultureInfo.InvariantCulture)),
            new(FilterField.TargetId, Text("acc-", random.Below(200_000))),
            new(FilterField.TargetType, "account"),
        ];
        if (random.Below(50) == 0)
        {
            values.Add(new FieldValue(FilterField.Case, Text("C-", random.Below(10_000))));
        }

        // 16 words: half of them frequent (cubed: about a power law), two nearly unique.
        var tokens = new HashSet<long>();
        for (var i = 0; i < 14; i++)
        {
            var rank = (long)random.Below(200) * random.Below(200) * random.Below(200) / 200;
            tokens.Add(s_tokens.Hash(Text("word", rank)));
        }

        tokens.Add(s_tokens.Hash(Text("rare", random.Below(1_000_000))));
        tokens.Add(s_tokens.Hash(Text("one", seq)));
        return new IndexedEvent(seq, recorded, recorded - random.Below(2_000_000), Id(seq), values, [.. tokens]);
    }

    private static Guid Id(long seq)
    {
        var random = new Sequence((ulong)seq + 99);
        return new Guid((int)(seq >> 16), (short)seq, (short)(0x7000 | random.Below(4096)),
            [.. Enumerable.Range(0, 8).Select(_ => (byte)random.Below(256))]);
    }

    private static string Text(string prefix, long number) =>
        prefix + number.ToString(CultureInfo.InvariantCulture);
}
