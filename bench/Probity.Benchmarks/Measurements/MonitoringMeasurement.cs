using System.Diagnostics;
using System.Text.Json.Nodes;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Monitoring.Worlds;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// The monitoring engine alone, one thread: decisions with their records, with forty rules and with all that ship, over
/// the traffic of a generated world whose accounts have a history; and on one account with a million transactions.
/// </summary>
internal static class MonitoringMeasurement
{
    private const int HistoryDays = 45;
    private const int MeasuredDays = 15;
    private const int HotTransactions = 1_000_000;
    private const int CommitEvery = 256;

    public static JsonObject Run(int accounts, int rounds)
    {
        var forty = BenchedRules.Compile();
        var events = Traffic(accounts);
        var first = events.FindIndex(item => item.Transaction.OccurredAt >= MeasuredFrom);
        return new JsonObject
        {
            ["accounts"] = accounts,
            ["rules_40"] = Rounds(forty, events, first, rounds),
            ["rules_shipped"] = Rounds(RulePack.Compile(RulePack.Book()), events, first, rounds),
            ["hot_account"] = Hot(forty),
        };
    }

    private static JsonObject Rounds(
        RuleSet rules, List<(Transaction Transaction, PartyFacts Facts)> events, int first, int rounds)
    {
        var rates = new List<JsonNode>();
        JsonObject? last = null;
        for (var round = 0; round < Math.Min(rounds, 3); round++)
        {
            last = Round(rules, events, first);
            rates.Add(last["per_s"]!.DeepClone());
        }

        last!["rounds_per_s"] = new JsonArray([.. rates]); // There is at least one.
        last["rules"] = rules.Rules.Count;
        return last;
    }

    private static DateTimeOffset MeasuredFrom =>
        new DateTimeOffset(new WorldOptions().Start, TimeOnly.MinValue, TimeSpan.Zero).AddDays(HistoryDays);

    // Made before the clock starts: the engine is measured, not the generator.
    private static List<(Transaction Transaction, PartyFacts Facts)> Traffic(int accounts)
    {
        BenchmarkRun.Say("making the world");
        var world = new World(new WorldOptions
        {
            Accounts = accounts, WarmUpDays = HistoryDays, Days = MeasuredDays,
        });
        return [.. world.Events().Select(item => (item.Transaction, world.FactsOf(item.Transaction)))];
    }

    private static JsonObject Round(
        RuleSet rules, List<(Transaction Transaction, PartyFacts Facts)> events, int first)
    {
        var engine = new MonitoringEngine(rules, new MonitoringOptions());
        var before = GC.GetTotalMemory(true);
        Judge(engine, events, 0, first, null);
        var kept = GC.GetTotalMemory(true) - before;
        var times = new long[events.Count - first];
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var records = Judge(engine, events, first, events.Count, times);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var spent = Process.GetCurrentProcess().TotalProcessorTime - processor;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        BenchmarkRun.Say($"{times.Length / elapsed.TotalSeconds:F0} decisions/s");
        return new JsonObject
        {
            ["per_s"] = Math.Round(times.Length / elapsed.TotalSeconds),
            ["per_s_of_processor"] = Math.Round(times.Length / spent.TotalSeconds),
            ["decisions"] = times.Length,
            ["us"] = Micros(times),
            ["allocated_bytes_per_decision"] = allocated / times.Length,
            ["record_bytes_median"] = records,
            ["state_bytes_per_transaction"] = kept / first,
            ["state_bytes_per_account"] = kept / engineAccounts(events, first),
        };

        static long engineAccounts(List<(Transaction Transaction, PartyFacts Facts)> items, int count) => items
            .Take(count).Select(item => item.Transaction.Debtor.Account ?? item.Transaction.Creditor.Account)
            .Distinct(StringComparer.Ordinal).LongCount();
    }

    /// <summary>Judges a stretch and returns the median size of its records.</summary>
    private static int Judge(
        MonitoringEngine engine, List<(Transaction Transaction, PartyFacts Facts)> events, int from, int to,
        long[]? times)
    {
        var sizes = new int[to - from];
        for (var i = from; i < to; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var (transaction, facts) = events[i];
            sizes[i - from] = ((JudgeResult.Decided)engine.Submit(transaction, facts)).Decision.Record.Length;
            if (i % CommitEvery == 0)
            {
                engine.Commit();
            }

            if (times is not null)
            {
                times[i - from] = Stopwatch.GetTimestamp() - started;
            }
        }

        engine.Commit();
        Array.Sort(sizes);
        return sizes.Length == 0 ? 0 : sizes[sizes.Length / 2];
    }

    /// <summary>One account that a million payments of ninety days go to, then judged once more.</summary>
    private static JsonObject Hot(RuleSet rules)
    {
        const int Measured = 20_000;
        var engine = new MonitoringEngine(rules, new MonitoringOptions());
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var events = new List<(Transaction Transaction, PartyFacts Facts)>(HotTransactions + Measured);
        for (var i = 0; i < HotTransactions + Measured; i++)
        {
            events.Add((
                new Transaction
                {
                    Key = new TransactionKey("hot", i.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                    OccurredAt = start.AddSeconds(i * 7.776),
                    Amount = new Money(((i * 7_919L % 90_000) + 100) / 100m, CurrencyCode.Parse("USD")),
                    Debtor = new TransactionParty($"P{i % 50_000}", null, "US"),
                    Creditor = new TransactionParty("HOT", "HOT", "US"),
                    Type = "card",
                },
                PartyFacts.None));
        }

        Judge(engine, events, 0, HotTransactions, null);
        var times = new long[Measured];
        var started = Stopwatch.GetTimestamp();
        Judge(engine, events, HotTransactions, events.Count, times);
        return new JsonObject
        {
            ["transactions"] = HotTransactions,
            ["per_s"] = Math.Round(Measured / Stopwatch.GetElapsedTime(started).TotalSeconds),
            ["us"] = Micros(times),
        };
    }

    private static JsonObject Micros(long[] times)
    {
        var sorted = times.Order().ToArray();
        double At(double share) => Math.Round(
            sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)] * 1e6 / Stopwatch.Frequency, 1);
        return new JsonObject
        {
            ["p50"] = At(0.5), ["p99"] = At(0.99), ["p999"] = At(0.999), ["max"] = At(1),
        };
    }
}
