using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Probity.Contracts.Finance;
using Probity.Hammer;
using Probity.Monitoring;
using Probity.Monitoring.Worlds;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// What the measured server is sent: the customers of a generated world, its traffic, and the traffic of one account
/// that thousands of others pay. Thread safe.
/// </summary>
internal sealed class BenchedTraffic : IDisposable
{
    /// <summary>The customer and the account that is paid again and again.</summary>
    public const string Hot = "HOT";

    private const int Payers = 50_000;

    private static readonly DateTimeOffset s_hotFrom = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _source =
        "bench" + TimeProvider.System.GetUtcNow().Ticks.ToString(CultureInfo.InvariantCulture);
    private readonly World _world;
    private readonly IEnumerator<byte[]> _lines;
    private readonly Lock _lock = new();
    private long _hot;

    /// <param name="accounts">How many accounts the world has.</param>
    /// <param name="hot">How many transactions the hot account has already.</param>
    public BenchedTraffic(int accounts, long hot)
    {
        _hot = hot;
        _world = new World(new WorldOptions { Accounts = accounts, WarmUpDays = 30, Days = 30 });
        _lines = _world.Events().Select(item => Line(item.Transaction)).GetEnumerator();
    }

    /// <summary>The customers as documents to import, the hot one among them.</summary>
    public List<string> Customers() =>
    [
        .. _world.Parties.GroupBy(party => party.Customer!, StringComparer.Ordinal)
            .Select((owned, i) => Customer(owned.Key, [.. owned.Select(party => party.Account!)], i)),
        Customer(Hot, [Hot], 0),
    ];

    public void Dispose() => _lines.Dispose();

    /// <summary>The next transactions of the hot account.</summary>
    public List<byte[]> TakeHot(int count)
    {
        var first = Interlocked.Add(ref _hot, count) - count;
        return [.. Enumerable.Range(0, count).Select(i => HotLine(first + i))];
    }

    /// <summary>The next transactions of the world.</summary>
    /// <exception cref="UsageException">There are no more.</exception>
    public List<byte[]> Take(int count)
    {
        lock (_lock)
        {
            var taken = new List<byte[]>(count);
            while (taken.Count < count && _lines.MoveNext())
            {
                taken.Add(_lines.Current);
            }

            return taken.Count == count ? taken : throw new UsageException("The world is too small: more --accounts.");
        }
    }

    // A million of them are ninety days.
    private byte[] HotLine(long number) => Line(new Transaction
    {
        Key = new TransactionKey("hot", number.ToString(CultureInfo.InvariantCulture)),
        OccurredAt = s_hotFrom.AddSeconds(Math.Floor(number * 7.776)),
        Amount = new Money(((number * 7_919L % 90_000) + 100) / 100m, CurrencyCode.Parse("USD")),
        Debtor = new TransactionParty(
            "P" + (number * 7 % Payers).ToString(CultureInfo.InvariantCulture), null, "US"),
        Creditor = new TransactionParty(Hot, Hot, "US"),
        Type = "card",
    });

    private static string Customer(string number, string[] accounts, int place)
    {
        var born = new DateOnly(1950, 1, 1).AddDays(place % 18_000);
        return new JsonObject
        {
            ["external_id"] = number,
            ["kind"] = "person",
            ["names"] = new JsonArray(new JsonObject { ["text"] = Name(place) }),
            ["dates"] = new JsonArray(new JsonObject { ["kind"] = "birth", ["date"] = Day(born) }),
            ["countries"] = new JsonArray(new JsonObject { ["kind"] = "residence", ["code"] = "US" }),
            ["accounts"] = new JsonArray([.. accounts.Select(account => new JsonObject
            {
                ["number"] = account, ["currency"] = "USD", ["country"] = "US", ["opened_on"] = "2020-03-02",
            })]),
            ["due_diligence"] = new JsonObject { ["rating"] = "medium", ["segment"] = "retail" },
        }.ToJsonString();
    }

    private static string Name(int place)
    {
        string[] parts = ["ma", "ri", "to", "ken", "sol", "be", "dan", "ul", "is", "por", "ta", "vel"];
        string Word(int number) => string.Concat(
            Enumerable.Range(0, 3).Select(i => parts[number / (int)Math.Pow(12, i) % 12]));
        return $"{Word(place)} {Word(place / 7 * 31)}";
    }

    private byte[] Line(Transaction transaction)
    {
        var line = new JsonObject
        {
            ["source"] = _source,
            ["id"] = transaction.Key.Id,
            ["occurred_at"] = transaction.OccurredAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["amount"] = transaction.Amount.ToWire(),
            ["currency"] = transaction.Amount.Currency.Value,
            ["type"] = transaction.Type,
        };
        foreach (var (name, party) in (ReadOnlySpan<(string, TransactionParty)>)
            [("debtor", transaction.Debtor), ("creditor", transaction.Creditor)])
        {
            if (Party(party) is { } known)
            {
                line[name] = known;
            }
        }

        return Encoding.UTF8.GetBytes(line.ToJsonString());
    }

    private static JsonObject? Party(TransactionParty party)
    {
        var json = new JsonObject();
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)
            [("account", party.Account), ("customer", party.Customer), ("country", party.Country)])
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }

        return json.Count == 0 ? null : json;
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
