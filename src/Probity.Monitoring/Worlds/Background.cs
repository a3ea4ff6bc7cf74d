namespace Probity.Monitoring.Worlds;

/// <summary>The innocent transactions of a world, day by day, decoys among them. Pure in seed and day.</summary>
internal sealed class Background(WorldOptions options, Population population)
{
    private const int Hour = 3_600;

    private readonly List<Draft> _drafts = [];
    private DateOnly _date;
    private int _day;

    /// <summary>The transactions of a day, in no order.</summary>
    public List<Draft> Day(int day)
    {
        _drafts.Clear();
        (_day, _date) = (day, options.Start.AddDays(day));
        for (var account = population.First(Role.Person); account < options.Accounts; account++)
        {
            Person(account);
        }

        for (var account = population.First(Role.Agent); account < population.First(Role.Savings); account++)
        {
            Firm(account);
        }

        Decoys();
        return _drafts;
    }

    private void Person(int person)
    {
        var dice = new WorldDice(options.Seed, person, _day);
        Wages(person, ref dice);
        Home(person, ref dice);
        for (var chances = 0; chances < 2; chances++)
        {
            if (dice.Happens(2_200))
            {
                Purchase(person, ref dice);
            }
        }

        if (dice.Happens(250))
        {
            Pay(ref dice, person, -1, Round(dice.Around(12_000, 50), 2_000), "cash_out", "cash");
        }

        if (dice.Happens(320))
        {
            var other = dice.Below(2) == 0 ? population.Family(person, ref dice) : population.Friend(person, ref dice);
            Pay(ref dice, person, other, dice.Around(7_000, 80), "transfer", "family");
        }

        if (dice.Happens(35))
        {
            Large(person, ref dice);
        }
    }

    // Half are paid each month, half each fortnight; hours and bonuses vary.
    private void Wages(int person, ref WorldDice dice)
    {
        var isMonthly = population.Trait(person, 1, 2) == 0;
        var isDue = isMonthly
            ? _date.Day == 24 + population.Trait(person, 2, 4)
            : (_date.DayNumber + population.Trait(person, 2, 14)) % 14 == 0;
        if (isDue && population.Trait(person, 3, 10) > 0)
        {
            var wage = (isMonthly ? 380_000L : 175_000L) * (60 + population.Trait(person, 4, 120)) / 100;
            Pay(ref dice, population.Of(Role.Employer, person, 0), person, wage * (96 + dice.Below(12)) / 100,
                "transfer", "salary", 6 * Hour, 9 * Hour);
        }
    }

    private void Home(int person, ref WorldDice dice)
    {
        if (_date.Day == 1 + population.Trait(person, 5, 5) && population.Trait(person, 6, 10) < 6)
        {
            // Rents are standing orders, some to an agent who passes them on to the owner.
            var isAgent = population.Trait(person, 8, 4) == 0;
            var rent = 60_000L + (population.Trait(person, 9, 180) * 1_000L);
            Pay(ref dice, person, population.Of(isAgent ? Role.Agent : Role.Landlord, person, 1), rent, "transfer",
                "rent", 5 * Hour, 8 * Hour);
        }

        if (_date.Day == 10 + population.Trait(person, 10, 15))
        {
            Pay(ref dice, person, population.Of(Role.Merchant, person, 2), dice.Around(9_000, 40), "transfer", "bill");
        }

        if (_date.Day == 27 && population.Trait(person, 16, 9) == 0 && population.Size(Role.Savings) > 0)
        {
            var savings = population.First(Role.Savings)
                + ((person - population.First(Role.Person)) % population.Size(Role.Savings));
            Pay(ref dice, person, savings, Round(dice.Around(30_000, 60), 5_000), "transfer", "savings");
        }
    }

    private void Purchase(int person, ref WorldDice dice)
    {
        var merchant = dice.Below(5) == 0
            ? population.Any(Role.Merchant, ref dice)
            : population.Of(Role.Merchant, person, 10 + dice.Below(6));
        Pay(ref dice, person, merchant, dice.Around(3_500, 80), "card", "purchase");
    }

    // A car, a roof, a fee, an inheritance: once in a year or so, mostly to somebody new, seldom back.
    private void Large(int person, ref WorldDice dice)
    {
        var amount = dice.Around(600_000, 70);
        var (from, to) = dice.Below(5) switch
        {
            0 => (population.Any(Role.Business, ref dice), person),
            1 => (person, population.Any(Role.Person, ref dice)),
            2 => (person, population.Family(person, ref dice)),
            _ => (person, population.Any(Role.Business, ref dice)),
        };
        Pay(ref dice, from, to, dice.Below(3) == 0 ? Round(amount, 10_000) : amount,
            dice.Below(10) == 0 ? "wire" : "transfer", "large");
    }

    private void Firm(int firm)
    {
        var dice = new WorldDice(options.Seed, firm, _day);
        if (firm < population.First(Role.Business))
        {
            Agent(firm, ref dice);
            return;
        }

        if (firm >= population.First(Role.CashBusiness))
        {
            Takings(firm, ref dice);
        }

        var isWeekday = _date.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);
        for (var chances = isWeekday ? 2 : 0; chances > 0; chances--)
        {
            if (!dice.Happens(2_600))
            {
                continue;
            }

            // Suppliers repeat; one in eight payments goes to a new one.
            var supplier = dice.Below(8) == 0
                ? population.Any(Role.Business, ref dice)
                : population.Of(Role.Business, firm, 20 + dice.Below(5));
            var amount = dice.Around(700_000, 70);
            Pay(ref dice, firm, supplier, dice.Below(4) == 0 ? Round(amount, 10_000) : amount,
                dice.Below(3) == 0 ? "trade_payment" : "transfer", "trade", 8 * Hour, 20 * Hour);
        }
    }

    // Rents come in on the first days; on the seventh the owners get theirs, less a fee.
    private void Agent(int agent, ref WorldDice dice)
    {
        if (_date.Day != 7)
        {
            return;
        }

        for (var i = 0; i < 25; i++)
        {
            Pay(ref dice, agent, population.Of(Role.Landlord, agent, 30 + i), dice.Around(150_000, 40), "transfer",
                "rent_passed_on", 9 * Hour, 12 * Hour);
        }
    }

    private void Takings(int firm, ref WorldDice dice)
    {
        // More on Fridays and Saturdays, and twice as much in summer and December.
        var season = _date.Month is 6 or 7 or 8 or 12 ? 200 : 100;
        var weekday = _date.DayOfWeek is DayOfWeek.Friday or DayOfWeek.Saturday ? 150 : 100;
        if (_date.DayOfWeek != DayOfWeek.Sunday)
        {
            Pay(ref dice, -1, firm, dice.Around(60_000, 30) * season * weekday / 10_000, "cash_in", "cash_takings",
                17 * Hour, 21 * Hour);
        }
    }

    /// <summary>Innocent things with the shape of each typology.</summary>
    private void Decoys()
    {
        var groups = Math.Max(options.Accounts / 2_500, 1);
        for (var i = 0; i < groups; i++)
        {
            var dice = new WorldDice(options.Seed, 50_000_000 + i, _day);
            switch (dice.Below(7))
            {
                case 0:
                    Collection(ref dice, "decoy_event", 30_000, dice.Between(6, 18));
                    break;
                case 1:
                    Collection(ref dice, "decoy_group_travel", 90_000, dice.Between(4, 9));
                    break;
                case 2:
                    SavingsCircle(ref dice);
                    break;
                case 3:
                    Chain(ref dice, "decoy_house_deposit", 1_200_000, 2);
                    break;
                case 4:
                    Chain(ref dice, "decoy_resale", 500_000, 3);
                    break;
                case 5:
                    Treasury(ref dice);
                    break;
                default:
                    Spread(ref dice);
                    break;
            }
        }
    }

    // Many pay one, who pays a few: an event, a journey of friends. Fan-in, gather-scatter.
    private void Collection(ref WorldDice dice, string kind, long medianCents, int payers)
    {
        var host = population.Any(Role.Person, ref dice);
        var total = 0L;
        for (var i = 0; i < payers; i++)
        {
            var share = dice.Around(medianCents, 20);
            total += share;
            Pay(ref dice, dice.Below(3) == 0 ? population.Any(Role.Person, ref dice)
                : population.Friend(host, ref dice), host, share, "transfer", kind, 8 * Hour, 16 * Hour);
        }

        for (var i = 0; i < 2; i++)
        {
            Pay(ref dice, host, population.Any(Role.Business, ref dice), (total * 47 / 100) + dice.Below(500),
                "transfer", kind, 17 * Hour, 23 * Hour);
        }
    }

    // Friends pay one of them the same sum, each month another. Fan-in of like amounts.
    private void SavingsCircle(ref WorldDice dice)
    {
        var host = population.Any(Role.Person, ref dice);
        var share = Round(dice.Around(40_000, 30), 5_000);
        for (var i = 0; i < 8; i++)
        {
            Pay(ref dice, population.Of(Role.Person, host, 100 + (i % 5)), host, share, "transfer", "decoy_circle");
        }
    }

    // Money passes through: a gift for a deposit, a car sold to buy another. Pass-through, stack, random.
    private void Chain(ref WorldDice dice, string kind, long medianCents, int hops)
    {
        var amount = dice.Around(medianCents, 40);
        var from = population.Any(Role.Person, ref dice);
        for (var hop = 0; hop < hops; hop++)
        {
            var to = hop == hops - 1 ? population.Any(Role.Business, ref dice) : population.Any(Role.Person, ref dice);
            Pay(ref dice, from, to, amount, "transfer", kind, (7 + (hop * 5)) * Hour, (10 + (hop * 5)) * Hour);
            (from, amount) = (to, amount * (90 + dice.Below(15)) / 100);
        }
    }

    // Companies of one group settle with each other: a cycle, of unlike amounts.
    private void Treasury(ref WorldDice dice)
    {
        var first = population.Any(Role.Business, ref dice);
        var size = dice.Between(3, 4);
        for (var i = 0; i < size; i++)
        {
            var from = i == 0 ? first : population.Of(Role.Business, first, 40 + i);
            var to = i == size - 1 ? first : population.Of(Role.Business, first, 41 + i);
            Pay(ref dice, from, to, dice.Around(300_000, 120), "transfer", "decoy_treasury", (7 + (i * 4)) * Hour,
                (10 + (i * 4)) * Hour);
        }
    }

    // One pays several who pay the same shop: a family and its grocer. Scatter-gather, bipartite.
    private void Spread(ref WorldDice dice)
    {
        var head = population.Any(Role.Person, ref dice);
        var shop = population.Any(Role.Merchant, ref dice);
        for (var i = 0; i < 4; i++)
        {
            var member = population.Of(Role.Person, head, 100 + i);
            var amount = dice.Around(60_000, 40);
            Pay(ref dice, head, member, amount, "transfer", "decoy_allowance", 7 * Hour, 12 * Hour);
            Pay(ref dice, member, shop, amount * (40 + dice.Below(60)) / 100, "card", "decoy_allowance", 13 * Hour,
                22 * Hour);
        }
    }

    private static long Round(long cents, long unit) => Math.Max(unit, cents / unit * unit);

    private void Pay(
        ref WorldDice dice, int from, int to, long cents, string type, string kind, int earliest = 7 * Hour,
        int latest = 23 * Hour)
    {
        if (from != to)
        {
            _drafts.Add(new Draft(
                dice.Between(earliest, latest - 1), from, to, cents, type, kind,
                Narrative: type == "trade_payment" ? $"invoice {_day}{from}{dice.Below(1_000)}" : null));
        }
    }
}
