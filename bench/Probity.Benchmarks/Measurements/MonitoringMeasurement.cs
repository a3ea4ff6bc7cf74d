using System.Diagnostics;
using System.Text.Json.Nodes;
using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Monitoring.Worlds;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// The monitoring engine alone: decisions with their records, with forty rules and with all that ship, over the traffic
/// of a generated world whose accounts have a history; and on one account with a million transactions. Turns of as many
/// as a commit of the server has, judged on all processors, alternate with turns judged one after the other on one
/// thread.
/// </summary>
internal static class MonitoringMeasurement
{
    private const int HistoryDays = 45;
    private const int MeasuredDays = 15;
    private const int HotTransactions = 1_000_000;
    private const int TurnSize = 256;

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
        RuleSet rules, List<Submission> events, int first, int rounds)
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
    private static List<Submission> Traffic(int accounts)
    {
        BenchmarkRun.Say("making the world");
        var world = new World(new WorldOptions
        {
            Accounts = accounts, WarmUpDays = HistoryDays, Days = MeasuredDays,
        });
        return [.. world.Events().Select(item => new Submission(item.Transaction, world.FactsOf(item.Transaction)))];
    }

    private static JsonObject Round(
        RuleSet rules, List<Submission> events, int first)
    {
        var engine = new MonitoringEngine(rules, new MonitoringOptions());
        var before = GC.GetTotalMemory(true);
        Judge(engine, events, 0, first, new Stretch(), null);
        var kept = GC.GetTotalMemory(true) - before;
        var (together, alone) = (new Stretch(), new Stretch());
        var allocated = GC.GetTotalAllocatedBytes();
        Judge(engine, events, first, events.Count, together, alone);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        BenchmarkRun.Say($"{together.PerSecond} decisions/s together, {alone.PerSecond} one after the other");
        return new JsonObject
        {
            ["per_s"] = together.PerSecond,
            ["decisions"] = together.Count,
            ["turn_us"] = together.Micros(),
            ["alone_per_s"] = alone.PerSecond,
            ["alone_decisions"] = alone.Count,
            ["alone_us"] = alone.Micros(),
            ["allocated_bytes_per_decision"] = allocated / (events.Count - first),
            ["record_bytes_median"] = together.MedianSize,
            ["state_bytes_per_transaction"] = kept / first,
            ["state_bytes_per_account"] = kept / engineAccounts(events, first),
        };

        static long engineAccounts(List<Submission> items, int count) => items
            .Take(count).Select(item => item.Transaction.Debtor.Account ?? item.Transaction.Creditor.Account)
            .Distinct(StringComparer.Ordinal).LongCount();
    }

    /// <summary>
    /// Judges transactions in turns: each second one after the other, where that is to be measured too.
    /// </summary>
    private static void Judge(
        MonitoringEngine engine, List<Submission> events, int from, int to, Stretch together, Stretch? alone)
    {
        for (var at = from; at < to; at += TurnSize)
        {
            var turn = events.GetRange(at, Math.Min(TurnSize, to - at));
            if (alone is not null && (at - from) / TurnSize % 2 == 1)
            {
                turn.ForEach(item => alone.Measure(() => [engine.Submit(item.Transaction, item.Facts)]));
            }
            else
            {
                together.Measure(() => engine.Submit(turn));
            }

            engine.Commit();
        }
    }

    /// <summary>One account that a million payments of ninety days go to, then judged once more.</summary>
    private static JsonObject Hot(RuleSet rules)
    {
        const int Measured = 20_000;
        var engine = new MonitoringEngine(rules, new MonitoringOptions());
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var events = new List<Submission>(HotTransactions + Measured);
        for (var i = 0; i < HotTransactions + Measured; i++)
        {
            events.Add(new Submission(
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

        Judge(engine, events, 0, HotTransactions, new Stretch(), null);
        var (together, alone) = (new Stretch(), new Stretch());
        Judge(engine, events, HotTransactions, events.Count, together, alone);
        return new JsonObject
        {
            ["transactions"] = HotTransactions,
            ["per_s"] = together.PerSecond,
            ["turn_us"] = together.Micros(),
            ["alone_per_s"] = alone.PerSecond,
            ["alone_us"] = alone.Micros(),
        };
    }

    /// <summary>What was judged in one way, and how long it took.</summary>
    private sealed class Stretch
    {
        private readonly List<long> _times = []; // Of each call.
        private readonly List<int> _sizes = []; // Of each record.

        public int Count => _sizes.Count;

        public double PerSecond => Math.Round(Count * (double)Stopwatch.Frequency / Math.Max(1, _times.Sum()));

        public int MedianSize => _sizes.Order().ElementAt(Count / 2);

        public void Measure(Func<IReadOnlyList<JudgeResult>> judge)
        {
            var started = Stopwatch.GetTimestamp();
            var results = judge();
            _times.Add(Stopwatch.GetTimestamp() - started);
            _sizes.AddRange(results.Select(result => ((JudgeResult.Decided)result).Decision.Record.Length));
        }

        public JsonObject Micros()
        {
            var sorted = _times.Order().ToArray();
            double At(double share) => Math.Round(
                sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)] * 1e6 / Stopwatch.Frequency, 1);
            return new JsonObject
            {
                ["p50"] = At(0.5), ["p99"] = At(0.99), ["p999"] = At(0.999), ["max"] = At(1),
            };
        }
    }
}
