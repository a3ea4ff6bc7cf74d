using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Monitoring;

namespace Probity.Tests.Monitoring;

/// <summary>
/// A stream of transactions and reversals from a seed: few parties so that they meet, late and repeated ones, failures,
/// several currencies, the ends of months and the change of clocks. SplitMix64, so that a seed means the same anywhere.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="currencies">Those of its amounts, the more often the likelier; null for three of them.</param>
/// <param name="accounts">How many accounts there are.</param>
internal sealed class RandomWorld(ulong seed, string[]? currencies = null, int accounts = 7)
{
    private static readonly string[] s_types = ["transfer", "transfer", "wire", "cash_in", "cash_out", "crypto_out"];
    private static readonly string[] s_currencies = ["USD", "USD", "USD", "EUR", "EUR", "JPY"];
    private static readonly DateTimeOffset s_clockChange = new(2026, 3, 8, 0, 0, 0, TimeSpan.Zero);

    private readonly string[] _currencies = currencies ?? s_currencies;
    private ulong _state = seed;
    private DateTimeOffset _now = new(2026, 2, 26, 0, 0, 0, TimeSpan.Zero);
    private int _number;

    public ulong Seed { get; } = seed;

    /// <summary>What was numbered so far: a transaction, or the key of one that was reversed.</summary>
    public List<(Transaction? Decided, TransactionKey Key, long Number)> Numbered { get; } = [];

    /// <summary>Gives a step to two engines and returns their records, or null when there are none.</summary>
    public (ReadOnlyMemory<byte> Fast, ReadOnlyMemory<byte> Slow)? Step(MonitoringEngine fast, ReferenceEngine slow)
    {
        if (Below(12) == 0 && _number > 0)
        {
            var key = Key(Below(_number) + 1);
            var reversed = fast.Reverse(key);
            if (reversed == ReversalResult.Reversed)
            {
                Numbered.Add((null, key, fast.LastNumber));
            }

            return reversed == slow.Reverse(key) ? null : throw new InvalidOperationException("Reversals differ.");
        }

        var transaction = Below(25) == 0 && _number > 0 ? Make(Below(_number) + 1) : Make(++_number);
        if (Below(10) == 0)
        {
            // Work that is taken back must leave no trace.
            _ = fast.Evaluate(Make(_number + 1_000_000), PartyFacts.None);
        }

        var one = fast.Submit(transaction, PartyFacts.None);
        var other = slow.Submit(transaction, PartyFacts.None);
        if (one is JudgeResult.Decided decided)
        {
            Numbered.Add((transaction, transaction.Key, decided.Decision.Number));
        }

        if (Below(4) == 0)
        {
            fast.Commit();
            TakeBack(fast);
        }

        return (one, other) switch
        {
            (JudgeResult.Decided a, JudgeResult.Decided b) => (a.Decision.Record, b.Decision.Record),
            _ when one == other => null,
            _ => throw new InvalidOperationException($"{one} and {other}"),
        };
    }

    // A commit that fails: neither its transactions nor its reversals have happened.
    private void TakeBack(MonitoringEngine fast)
    {
        if (Below(6) == 0)
        {
            _ = fast.Submit(Make(_number + 2_000_000), PartyFacts.None);
            _ = fast.Reverse(Key(Below(_number) + 1));
            _ = fast.Submit(Make(_number + 2_000_001), PartyFacts.None);
            fast.Discard();
        }
    }

    /// <summary>
    /// Transactions that come together: some with the key of an earlier one, some the same again, some that cannot be
    /// judged.
    /// </summary>
    public List<Submission> Turn(int count)
    {
        var turn = new List<Submission>();
        while (turn.Count < count)
        {
            turn.Add(Below(20) switch
            {
                0 when turn.Count > 0 => turn[Below(turn.Count)],
                1 when _number > 0 => new Submission(Make(Below(_number) + 1), PartyFacts.None),
                2 => new Submission(Make(++_number) with { Type = string.Empty }, PartyFacts.None),
                _ => new Submission(Make(++_number), PartyFacts.None),
            });
        }

        return turn;
    }

    /// <summary>The key of one of the transactions made so far.</summary>
    public TransactionKey AnyKey() => Key(Below(_number) + 1);

    private static TransactionKey Key(int number) => new("world", number.ToString(CultureInfo.InvariantCulture));

    private Transaction Make(int number)
    {
        _now += TimeSpan.FromMinutes(Below(5) == 0 ? 0 : Below(600));
        if (Below(60) == 0 && _now < s_clockChange)
        {
            _now = s_clockChange;
        }

        var late = Below(6) == 0 ? TimeSpan.FromHours(Below(96)) : TimeSpan.Zero;
        var currency = CurrencyCode.Parse(_currencies[Below(_currencies.Length)]);
        var cents = Below(4) == 0 ? 100_000 : Below(2_000_000) + 1;
        var type = s_types[Below(s_types.Length)];
        return new Transaction
        {
            Key = Key(number),
            OccurredAt = _now - late,
            Amount = new Money(currency.MinorUnits == 0 ? cents : cents / 100m, currency),
            Type = type,
            Debtor = type == "cash_in" ? new TransactionParty() : Party(),
            Creditor = type == "cash_out" ? new TransactionParty() : Party(),
            Status = Below(12) == 0 ? TransactionStatus.Failed : TransactionStatus.Settled,
            Narrative = Below(3) == 0 ? "invoice " + Below(3).ToString(CultureInfo.InvariantCulture) : null,
            Purpose = Below(4) == 0 ? "SALA" : null,
            Location = Below(3) == 0 ? null : new GeoPoint(Below(40) * 0.025m, Below(40) * 0.025m),
            Cash = type.StartsWith("cash", StringComparison.Ordinal)
                ? new CashFacts("p" + Below(4).ToString(CultureInfo.InvariantCulture))
                : null,
        };
    }

    private TransactionParty Party()
    {
        var account = Below(accounts);
        return new TransactionParty(
            "a" + account.ToString(CultureInfo.InvariantCulture),
            account % 7 < 5 ? "c" + (account / 2).ToString(CultureInfo.InvariantCulture) : null,
            account == 6 ? "KP" : "US");
    }

    private int Below(int bound)
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)bound);
        }
    }
}
