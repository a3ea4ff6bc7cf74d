using CsCheck;
using Probity.Monitoring;
using Probity.Monitoring.Decisions;
using Probity.Monitoring.Evaluation;
using Xunit;
using static Probity.Tests.Monitoring.MonitoringKit;

namespace Probity.Tests.Monitoring;

/// <summary>Those that share a log, or are joined by others, and no more are in one chain, in their order.</summary>
public sealed class TurnChainsTests
{
    private static readonly HistoryLogs s_logs = new(
        Compile(Rule("""{"amount_threshold":10,"currency":"USD"}""")), new NumberedTransactions());

    private static readonly Gen<int[][]> s_turns =
        Gen.Int[1, 60].SelectMany(logs => Gen.Int[-1, logs].Array[Sides.Most].Array[0, 80]);

    [Fact]
    public void Chains_are_what_hangs_together()
    {
        var chains = new TurnChains(s_logs); // Used again, as in an engine.
        s_turns.Sample(
            turn =>
            {
                var made = Enumerable.Range(0, 61).Select(number => new EventLog(number, 1)).ToArray();
                chains.Begin(turn.Length);
                for (var place = 0; place < turn.Length; place++)
                {
                    chains.Add(Asked(turn[place], place, made));
                }

                chains.Close();
                Assert.Equal(HangTogether(turn), [.. Enumerable.Range(0, chains.Count).Select(Places).OrderBy(First)]);
                Assert.Equal(
                    Enumerable.Range(0, chains.Count).Select(chain => -Places(chain).Length).Order(),
                    Enumerable.Range(0, chains.Count).Select(chain => -Places(chain).Length)); // The longest first.
            },
            iter: 2_000, threads: 1);

        int[] Places(int chain)
        {
            var places = new List<int>();
            for (var place = chains.FirstOf(chain); place >= 0; place = chains.After(place))
            {
                places.Add(place);
            }

            return [.. places];
        }
    }

    [Fact]
    public void Logs_had_something_after_an_instant_only_since_the_beginning()
    {
        var chains = new TurnChains(s_logs);
        EventLog[] made = [new(1, 1), new(2, 1), new(3, 1)];
        var asked = Asked([0, -1, 1, -1], 0, made); // At the time of Monday.
        var (shared, other) = (new Sides(null, made[1], null, null), new Sides(made[2], null, null, null));
        chains.Begin(4);
        Assert.False(chains.HaveAfter(in shared, asked.Booked.Micros - 1));
        chains.Add(in asked);
        Assert.True(chains.HaveAfter(in shared, asked.Booked.Micros - 1));
        Assert.False(chains.HaveAfter(in shared, asked.Booked.Micros)); // Ties are no later.
        Assert.False(chains.HaveAfter(in other, asked.Booked.Micros - 1));
        chains.Begin(4);
        Assert.False(chains.HaveAfter(in shared, asked.Booked.Micros - 1));
    }

    private static int First(int[] chain) => chain[0];

    private static Asked Asked(int[] sides, int place, EventLog[] made)
    {
        var logs = Array.ConvertAll(sides, side => side < 0 ? null : made[side]);
        var booked = new Booked(Transfer(place, Monday, "10.00", "a", "b"), place + 1);
        return new Asked(place, booked, PartyFacts.None, new Sides(logs[0], logs[1], logs[2], logs[3]), false);
    }

    // Slowly: each takes up all that it touches.
    private static List<int[]> HangTogether(int[][] turn)
    {
        var groups = new List<(HashSet<int> Logs, List<int> Places)>();
        for (var place = 0; place < turn.Length; place++)
        {
            var logs = turn[place].Where(log => log >= 0).ToHashSet();
            var touched = groups.Where(group => group.Logs.Overlaps(logs)).ToList();
            groups.RemoveAll(touched.Contains);
            groups.Add((
                [.. touched.SelectMany(group => group.Logs), .. logs],
                [.. touched.SelectMany(group => group.Places), place]));
        }

        return [.. groups.Select(group => group.Places.Order().ToArray()).OrderBy(First)];
    }
}
