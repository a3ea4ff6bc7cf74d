using System.Globalization;

namespace Probity.Monitoring.Worlds;

/// <summary>A group that launders together.</summary>
/// <param name="Id">Its name in the world.</param>
/// <param name="Typology">The shape of its transfers, as AMLworld names it.</param>
/// <param name="Transfers">What it transfers, in order of time.</param>
public sealed record WorldRing(string Id, string Typology, IReadOnlyList<RingTransfer> Transfers);

/// <summary>One transfer of a ring.</summary>
/// <param name="Day">Day of the world, from 0.</param>
/// <param name="Second">Second of the day.</param>
/// <param name="From">Number of the paying account.</param>
/// <param name="To">Number of the paid account.</param>
/// <param name="Cents">Amount.</param>
/// <param name="Type">As transactions have it.</param>
public readonly record struct RingTransfer(int Day, int Second, int From, int To, long Cents, string Type);

/// <summary>A ring from elsewhere: accounts by any name, times from the first of its file.</summary>
/// <param name="Id">Its name there.</param>
/// <param name="Typology">The shape.</param>
/// <param name="Transfers">Seconds since the first transfer of the file, accounts, cents.</param>
public sealed record PlacedRing(
    string Id, string Typology, IReadOnlyList<(long Second, string From, string To, long Cents)> Transfers);

/// <summary>
/// Plans the rings of a world: eight typologies with the sizes, lengths and amounts of AMLworld HI-Small (median
/// transfers, accounts and days of each; amounts around 10,000). Members are accounts with a life of their own.
/// </summary>
internal static class RingSchedule
{
    private const int SecondsPerDay = 86_400;

    private static readonly string[] s_typologies =
    [
        "BIPARTITE", "CYCLE", "FAN-IN", "FAN-OUT", "GATHER-SCATTER", "RANDOM", "SCATTER-GATHER", "STACK",
    ];

    public static IReadOnlyList<WorldRing> Of(WorldOptions options, Population population)
    {
        var dice = new WorldDice(options.Seed, 71_000_001);
        var members = new Members(options, population);
        var rings = new List<WorldRing>();
        foreach (var typology in s_typologies)
        {
            for (var i = 1; i <= options.RingsPerTypology; i++)
            {
                var plan = new Plan(members.Take);
                Draw(typology, plan, ref dice);
                rings.Add(Placed(typology + i.ToString("D4", CultureInfo.InvariantCulture), typology, plan, options,
                    ref dice));
            }
        }

        var accounts = new Dictionary<string, int>(StringComparer.Ordinal);
        rings.AddRange(options.Placed.Select(ring => FromElsewhere(ring, options, accounts, members)));
        return rings;
    }

    private static void Draw(string typology, Plan plan, ref WorldDice dice)
    {
        var amount = dice.Around(1_030_000, 45);
        switch (typology)
        {
            case "FAN-IN":
                Fan(plan, ref dice, amount, dice.Between(4, 14), isIn: true, 0, dice.Between(36, 96));
                break;
            case "FAN-OUT":
                Fan(plan, ref dice, amount, dice.Between(4, 14), isIn: false, 0, dice.Between(36, 96));
                break;
            case "GATHER-SCATTER":
                Fan(plan, ref dice, amount, dice.Between(3, 10), isIn: true, 0, 80);
                Fan(plan, ref dice, amount, dice.Between(3, 10), isIn: false, 80, 150);
                break;
            case "CYCLE":
                Chain(plan, ref dice, amount, dice.Between(3, 9), isClosed: true);
                break;
            case "RANDOM":
                Chain(plan, ref dice, amount, dice.Between(3, 9), isClosed: false);
                break;
            case "SCATTER-GATHER":
                ScatterGather(plan, ref dice, amount, dice.Between(3, 12));
                break;
            case "STACK":
                Layers(plan, ref dice, amount, 3);
                break;
            default:
                Layers(plan, ref dice, amount, 2);
                break;
        }
    }

    private static void Fan(
        Plan plan, ref WorldDice dice, long amount, int others, bool isIn, int fromHour, int toHour)
    {
        for (var i = 1; i <= others; i++)
        {
            var other = isIn ? i : 100 + i;
            plan.Add(dice.Between(fromHour * 60, toHour * 60), isIn ? other : 0, isIn ? 0 : other,
                amount * (55 + dice.Below(90)) / 100);
        }
    }

    private static void Chain(Plan plan, ref WorldDice dice, long amount, int hops, bool isClosed)
    {
        var minute = dice.Below(600);
        for (var hop = 0; hop < hops; hop++)
        {
            plan.Add(minute, hop, isClosed && hop == hops - 1 ? 0 : hop + 1, amount);
            minute += 60 + dice.Below(1_500);
            amount = amount * (86 + dice.Below(16)) / 100;
        }
    }

    private static void ScatterGather(Plan plan, ref WorldDice dice, long amount, int middles)
    {
        for (var i = 1; i <= middles; i++)
        {
            var share = amount * (55 + dice.Below(90)) / 100;
            plan.Add(dice.Below(3_000), 0, i, share);
            plan.Add(3_000 + dice.Below(2_600), i, 100, share * (88 + dice.Below(12)) / 100);
        }
    }

    // Each account of a layer pays one or two of the next.
    private static void Layers(Plan plan, ref WorldDice dice, long amount, int layers)
    {
        var width = dice.Between(2, 5);
        for (var layer = 0; layer < layers - 1; layer++)
        {
            for (var i = 0; i < width; i++)
            {
                for (var times = dice.Between(1, 2); times > 0; times--)
                {
                    plan.Add((layer * 2_300) + dice.Below(2_200), (layer * 20) + i,
                        ((layer + 1) * 20) + ((i + times) % width), amount * (60 + dice.Below(70)) / 100);
                }
            }
        }
    }

    private static WorldRing Placed(
        string id, string typology, Plan plan, WorldOptions options, ref WorldDice dice)
    {
        var length = (plan.LastMinute / 1_440) + 1;
        var start = options.WarmUpDays + dice.Below(Math.Max(options.Days - length, 1));
        var type = dice.Below(10) == 0 ? "wire" : "transfer";
        return new WorldRing(id, typology, [.. plan.Transfers.OrderBy(item => item.Minute).Select(item =>
        {
            // As people do it, between seven and eleven.
            var (day, minute) = (item.Minute / 1_440, item.Minute % 1_440);
            return new RingTransfer(
                start + day, (7 * 3_600) + (minute * 40), item.From, item.To, item.Cents, type);
        })]);
    }

    private static WorldRing FromElsewhere(
        PlacedRing ring, WorldOptions options, Dictionary<string, int> accounts, Members members)
    {
        int Account(string name)
        {
            if (!accounts.TryGetValue(name, out var account))
            {
                accounts[name] = account = members.Take();
            }

            return account;
        }

        return new WorldRing("AW-" + ring.Id, ring.Typology, [.. ring.Transfers
            .Where(item => item.From != item.To && item.Second / SecondsPerDay < options.Days)
            .OrderBy(item => item.Second)
            .Select(item => new RingTransfer(
                options.WarmUpDays + (int)(item.Second / SecondsPerDay), (int)(item.Second % SecondsPerDay),
                Account(item.From), Account(item.To), item.Cents, "transfer"))]);
    }

    /// <summary>Accounts that launder: people and firms, each in one ring only.</summary>
    private sealed class Members(WorldOptions options, Population population)
    {
        private readonly HashSet<int> _taken = [];
        private WorldDice _dice = new(options.Seed, 71_000_002);

        public int Take()
        {
            int account;
            do
            {
                account = _dice.Below(10) < 7
                    ? population.Any(Role.Person, ref _dice)
                    : population.Any(Role.Business, ref _dice);
            }
            while (!_taken.Add(account) && _taken.Count < options.Accounts / 2);

            return account;
        }
    }

    /// <summary>Transfers by minute, between places that accounts take.</summary>
    private sealed class Plan(Func<int> take)
    {
        private readonly Dictionary<int, int> _accounts = [];

        public List<(int Minute, int From, int To, long Cents)> Transfers { get; } = [];

        public int LastMinute { get; private set; }

        public void Add(int minute, int from, int to, long cents)
        {
            // One in four is a round sum, as with everybody else.
            var paid = cents % 4 == 0 ? Math.Max(cents / 10_000 * 10_000, 10_000) : cents;
            Transfers.Add((minute, Account(from), Account(to), paid));
            LastMinute = Math.Max(LastMinute, minute);
        }

        private int Account(int place)
        {
            if (!_accounts.TryGetValue(place, out var account))
            {
                _accounts[place] = account = take();
            }

            return account;
        }
    }
}
