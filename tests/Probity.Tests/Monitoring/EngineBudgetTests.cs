using System.Runtime.CompilerServices;
using Probity.Monitoring;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Worlds;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>
/// What a decision may cost in memory: what it allocates beside what is kept is the record and the answer. Time is
/// measured by the benchmark, since a test cannot know what else the machine does.
/// </summary>
public sealed class EngineBudgetTests
{
    private const int Measured = 4_000;
    private const int MostBytes = 8_000;

    [Fact]
    public void A_decision_of_the_default_rules_stays_within_its_budget_of_allocations()
    {
        var world = new World(new WorldOptions { Accounts = 1_000, WarmUpDays = 20, Days = 10 });
        var events = world.Events().Select(item => (item.Transaction, Facts: world.FactsOf(item.Transaction))).ToList();
        var engine = Engine(DefaultPack());
        foreach (var (transaction, facts) in events.Take(events.Count - Measured))
        {
            Judge(engine, transaction, facts);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var (transaction, facts) in events.TakeLast(Measured))
        {
            Judge(engine, transaction, facts);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Measured;
        Assert.InRange(each, 500, MostBytes);
    }

    [Fact]
    public void What_stands_in_a_log_gives_the_collector_nothing_to_follow()
    {
        // Each decision writes into six logs, all over the heap: a reference in any of them lengthens each pause.
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<LoggedEvent>());
        Assert.True(RuntimeHelpers.IsReferenceOrContainsReferences<WindowState>()); // It can tell.
    }

    [Fact]
    public void A_running_value_fits_a_line_of_the_cache()
    {
        Assert.InRange(Unsafe.SizeOf<WindowState>(), 1, 64);
        Assert.InRange(Unsafe.SizeOf<LoggedEvent>(), 1, 28);
        Assert.InRange(Unsafe.SizeOf<PackedTransaction>(), 1, 48);
    }

    [Fact]
    public void A_busy_account_costs_no_more_than_its_windows_move()
    {
        // A dry run, a late payment and a reversal on an account with a long history: none of them may read all of it.
        var engine = Engine(DefaultPack());
        const int Many = 60_000;
        for (var i = 0; i < Many; i++)
        {
            Judge(engine, Payment(i, i * 60), PartyFacts.None);
        }

        var before = engine.WindowSteps;
        engine.Evaluate(Payment(Many, Many * 60), PartyFacts.None);
        Judge(engine, Payment(Many + 1, (Many * 60) - 300), PartyFacts.None);
        engine.Reverse(new TransactionKey("test", "1000"));
        engine.Commit();
        Judge(engine, Payment(Many + 2, Many * 60), PartyFacts.None);

        // Sixty thousand events, of which a window of a month holds most: reading one anew would be seen.
        Assert.InRange(engine.WindowSteps - before, 1, 5_000);
    }

    private static Transaction Payment(int number, long second) =>
        Transfer(number, Monday.AddSeconds(second), "10.00", $"p{number % 500}", "busy");

    private static void Judge(MonitoringEngine engine, Transaction transaction, PartyFacts facts)
    {
        Assert.IsType<JudgeResult.Decided>(engine.Submit(transaction, facts));
        engine.Commit();
    }
}
