using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Monitoring.Rules;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>A state made of packs is the one that was packed, whatever is asked of it afterwards.</summary>
public sealed class PackedStateTests
{
    private const int Steps = 150;

    private static readonly RuleSet s_rules = Compile(WindowRules.All());

    [Fact]
    public void It_judges_as_the_reference_does()
    {
        var worlds = EngineAgreementTests.Wanted("PROBITY_MONITORING_WORLDS", 4);
        for (var seed = 1UL; seed <= (ulong)worlds; seed++)
        {
            Compare(seed, isExchanged: seed % 2 == 0);
        }
    }

    private static void Compare(ulong seed, bool isExchanged)
    {
        var slow = new ReferenceEngine(s_rules, new MonitoringOptions());
        var world = new RandomWorld(seed);
        Compare(world, Engine(s_rules), slow);

        // Rules that ask for no pairs come first: those of the next are then made of what was loaded.
        var loaded = Engine(isExchanged ? Compile(WindowRules.All()[..1]) : s_rules);
        Load(loaded, world);
        if (isExchanged)
        {
            loaded.Exchange(s_rules, new MonitoringOptions());
        }

        Assert.True(Compare(world, loaded, slow) > Steps / 2);
    }

    [Fact]
    public void What_is_loaded_is_not_made_before_somebody_asks()
    {
        var engine = Engine(s_rules);
        var pack = Pack(20);
        Load(engine, pack);
        Assert.Equal((20, 20, 0), (engine.Count, engine.LastNumber, pack.Opened));

        Assert.Equal(7, engine.NumberOf(new TransactionKey("s", "7")));
        Assert.Equal(1, pack.Opened);
        Assert.Null(engine.NumberOf(new TransactionKey("s", "70")));
        Assert.Equal(new JudgeResult.Duplicate(8), engine.Submit(Any(8), PartyFacts.None));
        Assert.Equal(new JudgeResult.Conflict(9), engine.Submit(Any(9) with { Type = "wire" }, PartyFacts.None));
        Assert.Equal(ReversalResult.Reversed, engine.Reverse(new TransactionKey("s", "10")));
        Assert.Equal(ReversalResult.AlreadyReversed, engine.Reverse(new TransactionKey("s", "10")));
        Assert.Equal(4, pack.Opened);
    }

    [Fact]
    public void More_than_stay_made_are_judged_and_reversed_like_those_that_were_loaded_whole()
    {
        const int Many = 10_000; // Each is asked for again after others took its place.
        var (packed, whole) = (Engine(s_rules), Engine(s_rules));
        Load(packed, Pack(Many));
        Enumerable.Range(1, Many).ToList().ForEach(number => whole.Load(Any(number), number));

        for (var round = 1; round <= 3; round++)
        {
            var key = new TransactionKey("s", Invariant(round));
            Assert.Equal((ReversalResult.Reversed, ReversalResult.Reversed), (packed.Reverse(key), whole.Reverse(key)));
            for (var at = 0; at < 5; at++)
            {
                var next = Any(Many + (round * 10) + at);
                Assert.Equal(
                    ((JudgeResult.Decided)whole.Submit(next, PartyFacts.None)).Decision.Record.ToArray(),
                    ((JudgeResult.Decided)packed.Submit(next, PartyFacts.None)).Decision.Record.ToArray());
            }
        }

        Assert.All(Enumerable.Range(1, Many), number => Assert.Equal(
            number <= 3 ? ReversalResult.AlreadyReversed : ReversalResult.Reversed,
            packed.Reverse(new TransactionKey("s", Invariant(number)))));
        packed.Discard();
        Assert.Equal(new JudgeResult.Duplicate(Many), packed.Submit(Any(Many), PartyFacts.None));
    }

    [Fact]
    public void Numbers_that_are_missing_in_a_pack_hide_no_transaction()
    {
        const int Missing = 60; // More than lie near.
        var numbers = Enumerable.Range(1, 5).Concat(Enumerable.Range(6 + Missing, 30)).ToList();
        var pack = new HeldPack([.. numbers.Select(number => (Any(number), (long)number))]);
        var engine = Engine(s_rules);
        for (var place = 0; place < pack.Count; place++)
        {
            while (engine.LastNumber < pack[place].Number - 1)
            {
                engine.Pass(engine.LastNumber + 1);
            }

            engine.Load(pack, place);
        }

        Assert.All(numbers, number =>
        {
            Assert.Equal(number, engine.NumberOf(new TransactionKey("s", Invariant(number))));
            Assert.Equal(new JudgeResult.Duplicate(number), engine.Submit(Any(number), PartyFacts.None));
        });
    }

    [Fact]
    public void A_key_that_is_taken_and_a_number_that_does_not_follow_are_refused_and_change_nothing()
    {
        var engine = Engine(s_rules);
        Load(engine, Pack(20));

        Assert.Throws<InvalidOperationException>(() => engine.Load(new HeldPack([(Any(5), 21)]), 0));
        Assert.Throws<InvalidOperationException>(() => engine.Load(new HeldPack([(Any(22), 22)]), 0));
        Assert.Equal((20, 20), (engine.Count, engine.LastNumber));

        engine.Load(new HeldPack([(Any(21), 21)]), 0);
        Assert.Equal(21, engine.NumberOf(new TransactionKey("s", "21")));
    }

    private static int Compare(RandomWorld world, MonitoringEngine fast, ReferenceEngine slow)
    {
        var compared = 0;
        for (var step = 0; step < Steps; step++)
        {
            if (world.Step(fast, slow) is { } records)
            {
                Assert.Equal(records.Slow.ToArray(), records.Fast.ToArray());
                compared++;
            }
        }

        return compared;
    }

    private static void Load(MonitoringEngine engine, RandomWorld world)
    {
        var packs = world.Numbered.Where(item => item.Decided is not null).Chunk(40)
            .Select(items => new HeldPack([.. items.Select(item => (item.Decided!, item.Number))])).ToList();
        var (pack, place) = (0, 0);
        foreach (var (decided, key, number) in world.Numbered)
        {
            if (decided is null)
            {
                Assert.Equal(ReversalResult.Reversed, engine.Reverse(key));
                engine.Commit();
                continue;
            }

            if (place == packs[pack].Count)
            {
                (pack, place) = (pack + 1, 0);
            }

            Assert.Equal(number, packs[pack][place].Number);
            engine.Load(packs[pack], place++);
        }
    }

    private static void Load(MonitoringEngine engine, HeldPack pack)
    {
        for (var place = 0; place < pack.Count; place++)
        {
            engine.Load(pack, place);
        }
    }

    private static HeldPack Pack(int count) =>
        new([.. Enumerable.Range(1, count).Select(number => (Any(number), (long)number))]);

    private static Transaction Any(int number) => new()
    {
        Key = new TransactionKey("s", Invariant(number)),
        OccurredAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(number),
        Amount = new Money(100 + number, CurrencyCode.Parse("USD")),
        Debtor = new TransactionParty("A" + Invariant(number % 3), "C" + Invariant(number % 3), "US"),
        Creditor = new TransactionParty("B" + Invariant(number % 5), null, "US"),
        Type = "transfer",
    };

    private static string Invariant(int number) =>
        number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
