using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Monitoring.Worlds;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>
/// What is judged together on many processors is what is judged one after the other, to the byte. More worlds with
/// PROBITY_MONITORING_WORLDS.
/// </summary>
public sealed class TurnTests
{
    private const int Turns = 12;
    private const int Processors = 4; // Also where there are fewer: then they take turns at any place.

    private static readonly RuleSet s_windows = Compile(WindowRules.All());

    private static readonly RuleSet s_default = RulePack.Compile(RulePack.Book());

    [Fact]
    public void Turns_of_random_worlds_are_judged_like_one_after_the_other()
    {
        var worlds = EngineAgreementTests.Wanted("PROBITY_MONITORING_WORLDS", 6);
        for (var seed = 1; seed <= worlds; seed++)
        {
            // With few accounts all hang together, with many hardly any do.
            var world = new RandomWorld((ulong)seed, null, seed % 3 == 0 ? 7 : seed % 3 == 1 ? 60 : 600);
            Assert.True(Compare(world, seed % 2 == 0 ? s_windows : s_default) > Turns * 10, $"Seed {seed}.");
        }
    }

    [Fact]
    public void A_bank_of_the_default_rules_is_judged_like_one_after_the_other()
    {
        var world = new World(new WorldOptions { Accounts = 500, WarmUpDays = 20, Days = 10 });
        var events = world.Events().Select(item => new Submission(item.Transaction, world.FactsOf(item.Transaction)));
        var (together, alone) = (Engine(s_default, Processors), Engine(s_default, 1));
        var judged = 0;
        foreach (var turn in events.Chunk(256))
        {
            judged += Same(together.Submit(turn), [.. turn.Select(item => alone.Submit(item.Transaction, item.Facts))]);
            together.Commit();
            alone.Commit();
        }

        Assert.True(judged > 5_000);
    }

    [Fact]
    public void What_is_numbered_later_is_not_seen_in_the_flows_of_others()
    {
        // The payer of the account that is judged pays somebody else before it in time; neither has anything later.
        var rules = Compile(Rule(
            """{"gte":[{"flow":{"pattern":"upstream_divergence","up":"2d","down":"2d"}},2]}"""));
        var (together, alone) = (Engine(rules, Processors), Engine(rules, 1));
        foreach (var engine in (MonitoringEngine[])[together, alone])
        {
            engine.Submit(Transfer(1, Monday, "10.00", "payer", "own"), PartyFacts.None);
            engine.Submit(Transfer(2, Monday.AddMinutes(1), "10.00", "payer", "first"), PartyFacts.None);
        }

        List<Submission> turn =
        [
            new(Transfer(3, Monday.AddMinutes(10), "10.00", "own", "next"), PartyFacts.None),
            new(Transfer(4, Monday.AddMinutes(5), "10.00", "payer", "second"), PartyFacts.None),
            .. Enumerable.Range(5, 20).Select(number => new Submission(
                Transfer(number, Monday.AddMinutes(20), "10.00", $"a{number}", $"b{number}"), PartyFacts.None)),
        ];
        Same(together.Submit(turn), [.. turn.Select(item => alone.Submit(item.Transaction, item.Facts))]);

        var after = Transfer(40, Monday.AddMinutes(30), "10.00", "own", "next"); // By now it counts.
        var judged = Assert.IsType<JudgeResult.Decided>(together.Submit(after, PartyFacts.None));
        Assert.NotEmpty(judged.Decision.Contributions);
    }

    [Fact]
    public void A_turn_is_taken_back_as_a_whole()
    {
        var world = new RandomWorld(3, null, 60);
        var (engine, other) = (Engine(s_windows, Processors), Engine(s_windows, 1));
        var lost = world.Turn(80);
        engine.Submit(lost);
        engine.Discard();
        Assert.Equal((0, 0, 0), (engine.Count, engine.LastNumber, engine.OverlaySteps));

        Same(engine.Submit(lost), [.. lost.Select(item => other.Submit(item.Transaction, item.Facts))]);
    }

    [Fact]
    public void An_empty_turn_and_one_of_few_are_turns()
    {
        var world = new RandomWorld(4, null, 60);
        var (engine, other) = (Engine(s_windows, Processors), Engine(s_windows, 1));
        Assert.Empty(engine.Submit([]));

        var few = world.Turn(3);
        Same(engine.Submit(few), [.. few.Select(item => other.Submit(item.Transaction, item.Facts))]);
        Assert.Equal(other.LastNumber, engine.LastNumber);
    }

    private static MonitoringEngine Engine(RuleSet rules, int processors) =>
        new(rules, new MonitoringOptions(), processors);

    private static int Compare(RandomWorld world, RuleSet rules)
    {
        var (together, alone) = (Engine(rules, Processors), Engine(rules, 1));
        var judged = 0;
        for (var number = 0; number < Turns; number++)
        {
            var turn = world.Turn(20 + (number * 7));
            judged += Same(together.Submit(turn), [.. turn.Select(item => alone.Submit(item.Transaction, item.Facts))]);
            Assert.Equal(alone.LastNumber, together.LastNumber);
            if (number % 3 == 1)
            {
                together.Discard();
                alone.Discard();
            }

            var key = world.AnyKey();
            Assert.Equal(alone.Reverse(key), together.Reverse(key));
            together.Commit();
            alone.Commit();
            if (number % 4 == 3)
            {
                together.Exchange(rules, new MonitoringOptions { RiskThreshold = 0.5m });
                alone.Exchange(rules, new MonitoringOptions { RiskThreshold = 0.5m });
            }
        }

        return judged;
    }

    /// <summary>How many were decided.</summary>
    private static int Same(IReadOnlyList<JudgeResult> together, IReadOnlyList<JudgeResult> alone)
    {
        Assert.Equal(alone.Count, together.Count);
        var decided = 0;
        foreach (var (one, other) in together.Zip(alone))
        {
            switch (one, other)
            {
                case (JudgeResult.Decided a, JudgeResult.Decided b):
                    Assert.Equal(b.Decision.Record.ToArray(), a.Decision.Record.ToArray());
                    decided++;
                    break;
                case (JudgeResult.Refused a, JudgeResult.Refused b):
                    Assert.Equal(b.Faults, a.Faults);
                    break;
                default:
                    Assert.Equal(other, one);
                    break;
            }
        }

        return decided;
    }
}
