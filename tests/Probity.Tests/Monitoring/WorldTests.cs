using System.IO.Compression;
using Probity.Monitoring;
using Probity.Monitoring.Worlds;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Worlds with laundering in them: made from a seed, fair to whoever looks for it.</summary>
public sealed class WorldTests
{
    private static readonly WorldOptions s_small = new()
    {
        Accounts = 1_000, WarmUpDays = 30, Days = 12, RingsPerTypology = 2,
    };

    [Fact]
    public void The_same_seed_makes_the_same_world_and_another_another()
    {
        var one = new World(s_small).Events().Take(2_000).ToList();

        Assert.Equal(one, new World(s_small).Events().Take(2_000));
        Assert.NotEqual(one, new World(s_small with { Seed = 2 }).Events().Take(2_000));
        Assert.Equal(one.OrderBy(item => item.Transaction.OccurredAt), one);
    }

    [Fact]
    public void Every_transaction_can_be_judged_and_every_ring_is_whole()
    {
        var world = new World(s_small);
        var events = world.Events().ToList();

        Assert.All(events, item => Assert.Empty(TransactionCheck.FaultsOf(item.Transaction)));
        Assert.Equal(16, world.Rings.Count);
        foreach (var ring in world.Rings)
        {
            var seen = events.Where(item => item.Ring == ring.Id).ToList();
            Assert.Equal(ring.Transfers.Count, seen.Count);
            Assert.Equal(ring.Transfers.Sum(item => item.Cents), seen.Sum(item => item.Transaction.Amount.Amount * 100));
            Assert.All(seen, item => Assert.True(
                DateOnly.FromDateTime(item.Transaction.OccurredAt.UtcDateTime) >= world.FirstRingDay));
        }
    }

    [Fact]
    public void No_single_feature_gives_laundering_away()
    {
        var features = Audited(item => item);

        Assert.All(features, feature => Assert.True(feature.BestF1 < 0.3, $"{feature.Feature} {feature.BestF1:F3}"));
    }

    [Fact]
    public void A_world_that_gives_it_away_is_found_out()
    {
        // As AMLSim's samples do: laundering in amounts that nothing else has.
        var features = Audited(item => item.Ring is null
            ? item
            : item with
            {
                Transaction = item.Transaction with { Amount = new(999_999.99m, item.Transaction.Amount.Currency) },
            });

        Assert.True(features.Single(feature => feature.Feature == "amount").BestF1 > 0.9);
    }

    [Fact]
    public void Rules_that_look_for_nothing_find_no_ring()
    {
        var blind = Compile(Rule("""{"gt":["$amount",{"money":[999999999,"USD"]}]}"""));

        var figures = DetectionReport.Run(new World(s_small), blind, new MonitoringOptions());

        Assert.All(figures.Budgets, budget => Assert.Equal((0, 0), (budget.Alerts, budget.RingsAlerted)));
        Assert.True(figures.LaunderingTransactions > 50);
    }

    [Fact]
    public void The_rings_of_AMLworld_are_read_and_placed()
    {
        using var reader = new StreamReader(new GZipStream(
            new MemoryStream(TestData.Bytes("aml/amlworld/hi_small_rings.csv.gz")), CompressionMode.Decompress));

        var placed = RingFile.Read(reader);
        var world = new World(s_small with { Accounts = 5_000, WarmUpDays = 0, Days = 20, Placed = placed });

        Assert.Equal(8, placed.Select(ring => ring.Typology).Distinct().Count());
        Assert.InRange(placed.Count, 250, 278); // Some rings are transfers of an account to itself only.
        Assert.Equal(placed.Count, world.Rings.Count(ring => ring.Id.StartsWith("AW-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_of_rings_with_a_bad_row_is_refused_with_its_place()
    {
        using var bad = new StringReader("ring_id,typology\n0,CYCLE,x,2022/09/01 00:06,1,a,2,b,1,Euro,x,Euro,ACH,1\n");

        var refused = Assert.Throws<FormatException>(() => RingFile.Read(bad));

        Assert.Contains("Row 2", refused.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<AuditedFeature> Audited(Func<WorldEvent, WorldEvent> change)
    {
        // As many rings for its accounts as the report has.
        var world = new World(s_small with { Accounts = 5_000, WarmUpDays = 12, RingsPerTypology = 1 });
        var audit = new WorldAudit();
        var first = new DateTimeOffset(world.FirstRingDay, TimeOnly.MinValue, TimeSpan.Zero);
        foreach (var item in world.Events().Select(change))
        {
            audit.Add(item, item.Transaction.OccurredAt >= first, world.FactsOf(item.Transaction));
        }

        return audit.Features;
    }
}
