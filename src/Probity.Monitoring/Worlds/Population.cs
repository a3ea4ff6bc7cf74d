using System.Globalization;
using Probity.Contracts.Finance;

namespace Probity.Monitoring.Worlds;

/// <summary>What an account is for.</summary>
internal enum Role : byte
{
    Employer,
    Merchant,
    Landlord,

    /// <summary>Collects rents for owners and passes them on.</summary>
    Agent,
    Business,
    CashBusiness,
    Savings,
    Person,
}

/// <summary>
/// The accounts of a world and who knows whom. What a person has (employer, landlord, friends) follows from the seed and
/// the number of the account, so nothing is stored of it. Immutable.
/// </summary>
internal sealed class Population
{
    private const int FamilySize = 4;

    private readonly ulong _seed;
    private readonly int[] _first = new int[Enum.GetValues<Role>().Length + 1];
    private readonly Dictionary<string, SideFacts> _facts = new(StringComparer.Ordinal);

    public Population(WorldOptions options)
    {
        _seed = options.Seed;
        var total = options.Accounts;
        int[] sizes =
        [
            Math.Max(total / 100, 2), Math.Max(total / 50, 4), Math.Max(total / 40, 4), Math.Max(total / 400, 1),
            Math.Max(total / 20, 8), Math.Max(total / 100, 2), total / 10,
        ];
        for (var i = 0; i < sizes.Length; i++)
        {
            _first[i + 1] = _first[i] + sizes[i];
        }

        _first[^1] = total;
        Parties = [.. Enumerable.Range(0, total).Select(PartyOf)];
        for (var account = 0; account < total; account++)
        {
            _facts.Add(Parties[account].Account!, Facts(account, options)); // Made with one.
        }
    }

    public static TransactionParty Nobody { get; } = new();

    public TransactionParty[] Parties { get; }

    public int First(Role role) => _first[(int)role];

    public int Size(Role role) => _first[(int)role + 1] - _first[(int)role];

    public SideFacts FactsOf(TransactionParty party) =>
        party.Account is { } account && _facts.TryGetValue(account, out var facts) ? facts : SideFacts.None;

    /// <summary>One of a role that belongs to an account, the same each time.</summary>
    public int Of(Role role, int account, int salt) =>
        First(role) + new WorldDice(_seed, account, salt + 1_000).Below(Size(role));

    /// <summary>Any account of a role.</summary>
    public int Any(Role role, ref WorldDice dice) => First(role) + dice.Below(Size(role));

    /// <summary>What an account always has in itself, such as the day it is paid.</summary>
    public int Trait(int account, int salt, int bound) => new WorldDice(_seed, account, salt).Below(bound);

    /// <summary>A member of the family of a person, who may be the person.</summary>
    public int Family(int person, ref WorldDice dice)
    {
        var first = First(Role.Person);
        var home = first + ((person - first) / FamilySize * FamilySize);
        return Math.Min(home + dice.Below(FamilySize), first + Size(Role.Person) - 1);
    }

    /// <summary>One of a few friends of a person.</summary>
    public int Friend(int person, ref WorldDice dice) => Of(Role.Person, person, 100 + dice.Below(5));

    public CashFacts CashOf(int from, int to)
    {
        var account = Math.Max(from, to);
        return new CashFacts(
            Parties[account].Customer, null, "B" + Trait(account, 7, 40).ToString(CultureInfo.InvariantCulture));
    }

    private TransactionParty PartyOf(int account)
    {
        // Savings accounts belong to people who have another account too.
        var isSavings = account >= First(Role.Savings) && account < First(Role.Person);
        var owner = isSavings
            ? First(Role.Person) + ((account - First(Role.Savings)) % Size(Role.Person))
            : account;
        return new TransactionParty(
            "W" + account.ToString("D7", CultureInfo.InvariantCulture),
            "C" + owner.ToString("D7", CultureInfo.InvariantCulture),
            "US");
    }

    private SideFacts Facts(int account, WorldOptions options)
    {
        var isPerson = account >= First(Role.Savings);
        var isCash = account >= First(Role.CashBusiness) && account < First(Role.Savings);
        var opened = options.Start.AddDays(-Trait(account, 11, 2_000));
        var facts = new CustomerFacts(Parties[account].Customer!, 1) // Made with one.
        {
            Segment = isPerson ? "retail" : isCash ? "cash_intensive" : "business",
            Country = "US",
            Rating = Trait(account, 12, 50) == 0 ? CustomerRating.High : CustomerRating.Medium,
            BornOn = isPerson ? options.Start.AddDays(-6_600 - Trait(account, 13, 20_000)) : null,
            OnboardedOn = opened,
            ExpectedMonthly = isPerson && Trait(account, 14, 4) == 0
                ? new Money(4_000 + Trait(account, 15, 12_000), options.Currency)
                : null,
        };
        return new SideFacts(facts, new AccountFacts(Parties[account].Account!, 1) // As above.
        {
            Jurisdiction = "US", OpenedOn = opened, Product = "current",
        });
    }
}
