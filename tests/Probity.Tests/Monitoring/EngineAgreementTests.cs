using System.Globalization;
using System.Text;
using Probity.Monitoring;
using Probity.Monitoring.Rules;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>
/// The fast engine and the slow reference give the same bytes. More worlds with PROBITY_MONITORING_WORLDS: 10000 of
/// them are a million steps; PROBITY_MONITORING_FIRST_WORLD begins at another seed, so that they can be run in pieces.
/// </summary>
public sealed class EngineAgreementTests
{
    public const int StepsInWorld = 100;

    // Each world is asked by a part of the rules: the reference reads all of history for each of them.
    private const int Parts = 4;

    private static readonly RuleSet s_others = Compile(Rule(
        """
        {"gte":[{"agg":{"fn":"sum","to":"USD","key":"customer","dir":"both","window":{"last":"9d"}}},
        {"money":[1,"USD"]}]}
        """));

    private static readonly string[] s_euros = ["EUR"];

    private static readonly string[] s_alike =
    [
        "\"key\":\"account\",\"dir\":\"out\",\"similar\":0.1",
        "\"key\":\"account\",\"dir\":\"both\",\"similar\":1",
        "\"key\":\"customer\",\"dir\":\"in\",\"similar\":0.05,\"min_history\":2",
        "\"key\":\"account\",\"dir\":\"in\",\"similar\":0.001,\"include_current\":false",
        "\"key\":\"account\",\"dir\":\"both\",\"similar\":0.3,\"status\":[\"failed\",\"reversed\"]",
    ];

    [Fact]
    public void Fast_engine_and_reference_give_the_same_records()
    {
        var worlds = Wanted("PROBITY_MONITORING_WORLDS", 8);
        var first = Wanted("PROBITY_MONITORING_FIRST_WORLD", 1);
        var all = WindowRules.All();
        RuleSet[] rules =
        [
            .. Enumerable.Range(0, Parts).Select(part => Compile([.. all.Where((_, at) => at % Parts == part)])),
        ];
        var compared = 0L;

        // Engines share rules, which threads may.
        var threads = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, 2) };
        Parallel.For(first, first + worlds, threads, seed =>
            Interlocked.Add(ref compared, Compare(rules[seed % Parts], (ulong)seed)));

        Assert.True(compared > worlds * StepsInWorld / 2);
    }

    [Fact]
    public void The_default_rules_give_the_same_records()
    {
        var rules = Probity.Monitoring.Pack.RulePack.Compile(Probity.Monitoring.Pack.RulePack.Book());

        Assert.True(Compare(rules, 4711) > StepsInWorld / 2);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 400)] // Now and then another currency: amounts are kept in order for the windows without it.
    public void Amounts_of_long_windows_kept_in_order_give_the_same_records(ulong seed, int oneIn)
    {
        string[] windows =
        [
            """{"lifetime":true}""", """{"last":"120d"}""", """{"between":{"from":"200d","to":"2d"}}""",
            """{"last_n":300}""",
        ];
        var rules = Compile(
        [
            .. windows.SelectMany((window, at) => s_alike.Select((asked, number) => Rule(
                "{\"gte\":[{\"agg\":{\"fn\":\"count\"," + asked + ",\"window\":" + window + "}},9]}",
                ",\"score\":0.01", $"rule {at} {number}"))),
        ]);
        string[] currencies = [.. Enumerable.Repeat("USD", Math.Max(1, oneIn - 1)), .. oneIn > 0 ? s_euros : []];

        Assert.True(Compare(rules, new RandomWorld(seed, currencies), 2_500, exchangeEvery: 1_900) > 2_000);
    }

    [Fact]
    public void A_difference_would_be_seen()
    {
        var fast = Engine(Compile(WindowRules.All()));
        var slow = new ReferenceEngine(Compile(WindowRules.All()[1..]), new MonitoringOptions());

        Assert.Contains(
            Enumerable.Range(0, 20).Select(_ => new RandomWorld(1).Step(fast, slow)),
            records => records is { } pair && !pair.Fast.Span.SequenceEqual(pair.Slow.Span));
    }

    internal static int Wanted(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    private static int Compare(RuleSet rules, ulong seed) => Compare(rules, new RandomWorld(seed), StepsInWorld, 30);

    private static int Compare(RuleSet rules, RandomWorld world, int steps, int exchangeEvery)
    {
        var fast = Engine(rules);
        var slow = new ReferenceEngine(rules, new MonitoringOptions());
        var compared = 0;
        for (var step = 0; step < steps; step++)
        {
            if (step % exchangeEvery == exchangeEvery - 1)
            {
                // An exchange of rules and back forgets what was kept, and nothing of what happened.
                fast.Commit();
                fast.Exchange(s_others, new MonitoringOptions());
                fast.Exchange(rules, new MonitoringOptions());
            }

            if (world.Step(fast, slow) is not { } records)
            {
                continue;
            }

            compared++;
            if (!records.Fast.Span.SequenceEqual(records.Slow.Span))
            {
                var at = records.Fast.Span.CommonPrefixLength(records.Slow.Span);
                Assert.Fail(
                    $"Seed {world.Seed}, step {step}, at {at}:\n{Around(records.Slow, at)}\n"
                    + Around(records.Fast, at));
            }
        }

        return compared;
    }

    private static string Around(ReadOnlyMemory<byte> record, int at)
    {
        var from = Math.Max(0, at - 60);
        return Encoding.UTF8.GetString(record.Span[from..Math.Min(record.Length, at + 120)]);
    }
}
