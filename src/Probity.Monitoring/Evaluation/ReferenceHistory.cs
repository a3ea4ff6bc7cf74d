using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The earlier transactions in one list that is read from end to end for each question: slow, and plainly what is
/// meant.
/// It ships with the product so that anyone can hold the fast one against it.
/// </summary>
internal sealed class ReferenceHistory(ReferenceBook book) : IHistory
{
    private readonly List<Booked> _all = [];
    private readonly List<string> _accounts = []; // By their numbers.
    private Scope? _where;

    public void Add(Booked booked) => _all.Add(booked);

    public void Remove(Booked booked) => _all.Remove(booked);

    public bool IsLate(Booked booked) => _all.Any(other => Order.IsBefore(booked, other) && ShareParty(booked, other));

    public void Aggregate(AggregateSpec spec, Scope scope, out AggregateResult result)
    {
        var current = scope.Subject;
        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        var seen = Seen(spec, scope)
            .Where(item => item.Booked.Micros > after && item.Booked.Micros <= until)
            .Where(item => IsInTime(spec, scope, item.Booked))
            .Where(item => spec.IsOfWay(item.IsDebtorSide, item.Booked.Status));
        if (spec.Window.ChoosesAfter)
        {
            seen = seen.OrderBy(item => item.Booked.Micros).ThenBy(item => item.Booked.Number)
                .TakeLast(spec.Window.Size);
        }

        var matching = seen
            .Where(item => Matches(spec, scope, item))
            .Where(item => spec.Of is null || TextOf(spec, scope, item) is not null)
            .OrderBy(item => item.Booked.Micros)
            .ThenBy(item => item.Booked.Number)
            .ToList();
        if (spec.Window is { Kind: WindowKind.LastN, ChoosesAfter: false })
        {
            matching = matching.TakeLast(spec.Window.Size).ToList();
        }

        var (value, count) = spec.IsScanned ? Scanned(spec, scope, matching) : Compute(spec, scope, matching);
        result = new AggregateResult(value, after, until, count);
    }

    public bool HasFewer(AggregateSpec spec, Scope scope, int least)
    {
        var (after, until) = spec.Window.Bounds(scope.Subject.Micros, scope.Book);
        return Seen(spec, scope).Count(item => item.Booked.Micros > after && item.Booked.Micros <= until
            && IsInTime(spec, scope, item.Booked)) < least;
    }

    public LoggedEvent Seen(Booked judged, bool isDebtorSide) =>
        new LoggedEvent(judged).From(isDebtorSide, NumberOf(judged.Side(!isDebtorSide).Account));

    public void Inflows(in InflowQuery query, List<LoggedEvent> into) => Transfers(query, false, into);

    public void Outflows(in InflowQuery query, List<LoggedEvent> into) => Transfers(query, true, into);

    public Booked Of(in LoggedEvent item)
    {
        var number = item.Number;
        return _all.Single(booked => booked.Number == number);
    }

    private void Transfers(InflowQuery query, bool isOut, List<LoggedEvent> into)
    {
        var (account, after, before, limit, like, tolerance) = query;
        if (account < 0)
        {
            return;
        }

        var aim = like is { } item ? Of(in item) : null;
        into.AddRange(_all
            .Where(booked => booked.Side(isOut).Account == _accounts[account])
            .Where(booked => booked.Micros > after && Order.IsBefore(booked, in before))
            .Where(booked => booked.Status is TransactionStatus.Pending or TransactionStatus.Settled)
            .Where(booked => aim is null || Likeness.Holds(book, booked, aim, tolerance))
            .OrderByDescending(booked => booked.Micros)
            .ThenByDescending(booked => booked.Number)
            .Take(limit)
            .Select(booked => Seen(booked, isOut)));
    }

    private int NumberOf(string? account)
    {
        if (account is null)
        {
            return -1;
        }

        if (_accounts.IndexOf(account) is >= 0 and var known)
        {
            return known;
        }

        _accounts.Add(account);
        return _accounts.Count - 1;
    }

    private static bool IsInTime(AggregateSpec spec, Scope scope, Booked booked) =>
        Order.IsBefore(booked, scope.Subject) || (spec.IncludeCurrent && booked == scope.Subject);

    private static bool ShareParty(Booked one, Booked other)
    {
        foreach (var a in new[] { one.Transaction.Debtor, one.Transaction.Creditor })
        {
            foreach (var b in new[] { other.Transaction.Debtor, other.Transaction.Creditor })
            {
                if ((a.Account is not null && a.Account == b.Account)
                    || (a.Customer is not null && a.Customer == b.Customer))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Each transaction from each side that the key of the aggregate is on.</summary>
    private IEnumerable<SeenTransaction> Seen(AggregateSpec spec, Scope scope)
    {
        foreach (var booked in _all)
        {
            var (debtor, creditor) = (booked.Transaction.Debtor, booked.Transaction.Creditor);
            if (IsOfKey(spec, scope, debtor, creditor))
            {
                yield return new SeenTransaction(booked, true);
            }

            if (IsOfKey(spec, scope, creditor, debtor))
            {
                yield return new SeenTransaction(booked, false);
            }
        }
    }

    private static bool IsOfKey(AggregateSpec spec, Scope scope, TransactionParty own, TransactionParty other) =>
        spec.Key switch
        {
            AggregateKey.Account => own.Account is not null && own.Account == scope.OwnParty.Account,
            AggregateKey.Customer => own.Customer is not null && own.Customer == scope.OwnParty.Customer,
            AggregateKey.Pair => own.Account is not null && own.Account == scope.OwnParty.Account
                && other.Account is not null && other.Account == scope.OtherParty.Account,
            _ => throw new InvalidOperationException(),
        };

    private bool Matches(AggregateSpec spec, Scope scope, SeenTransaction item)
    {
        if (spec.Similar is { } similar && !Likeness.Holds(book, item.Booked, scope.Subject, similar.Tolerance))
        {
            return false;
        }

        if (spec.Near is { } near && !near.Holds(item.Booked, scope.Subject))
        {
            return false;
        }

        if (spec.Where is null)
        {
            return true;
        }

        // Conditions of an aggregate hold none themselves, so one scope serves all.
        _where ??= new Scope(book, this, 0);
        _where.Subject = item.Booked;
        _where.IsDebtorSide = item.IsDebtorSide;
        _where.Current = scope.Subject;
        _where.CurrentIsDebtorSide = scope.IsDebtorSide;
        _where.Facts = scope.Facts;
        return spec.Where.Evaluate(_where).IsTrue;
    }

    /// <summary>Functions that one transaction or the steps of a window answer.</summary>
    private static (Value Value, long Count) Scanned(AggregateSpec spec, Scope scope, List<SeenTransaction> matching)
    {
        var current = scope.Subject;
        var none = (Value.Unknown(UnknownReason.InsufficientHistory), 0L);
        switch (spec.Fn)
        {
            case AggregateFn.TimeSinceFirst:
                return matching.Count == 0 ? none : (Exact.SecondsSince(matching[0].Booked.Micros, current), 1);
            case AggregateFn.EditDistance:
                var own = spec.Of!.Read(scope, current, scope.IsDebtorSide).Text!; // Both are known where it is asked.
                return matching.Count == 0 ? none : (Edits(own, TextOf(spec, scope, matching[^1])!), 1);
            case AggregateFn.Speed:
                var placed = matching.FindLast(item => item.Booked.Transaction.Location is not null).Booked;
                return placed?.Transaction.Location is { } there && current.Transaction.Location is { } here
                    ? (Exact.Speed(GreatCircle.Metres(there, here), current.Micros - placed.Micros), 1)
                    : none;
            default:
                return Steps(spec, current, matching);
        }
    }

    private static Value Edits(string one, string other) => Value.Of((decimal)EditDistance.Between(
        one[..Math.Min(one.Length, AggregateSpec.LongestText)],
        other[..Math.Min(other.Length, AggregateSpec.LongestText)]));

    private static (Value Value, long Count) Steps(AggregateSpec spec, Booked current, List<SeenTransaction> matching)
    {
        var steps = matching.GroupBy(item => (current.Micros - item.Booked.Micros) / spec.StepMicros)
            .Where(step => step.Key > 0).ToDictionary(step => step.Key, step => step.LongCount());
        var sum = steps.Values.Sum();
        if (steps.Count == 0 || sum < spec.MinHistory)
        {
            return (Value.Unknown(UnknownReason.InsufficientHistory), sum);
        }

        var count = steps.Keys.Max();
        return (spec.Fn == AggregateFn.StepAvg
            ? Exact.Mean(sum, count)
            : Exact.Spread(sum, steps.Values.Sum(times => times * times), count), sum);
    }

    private static int LeadingDigit(Booked booked) =>
        booked.Transaction.Amount.Amount.ToString(CultureInfo.InvariantCulture)
            .First(digit => digit is >= '1' and <= '9') - '0';

    private (Value Value, long Count) Compute(AggregateSpec spec, Scope scope, List<SeenTransaction> matching)
    {
        if (spec.Fn == AggregateFn.Distinct)
        {
            var texts = matching.Select(item => TextOf(spec, scope, item)).ToList();
            return texts.Count < spec.MinHistory
                ? (Value.Unknown(UnknownReason.InsufficientHistory), texts.Count)
                : (Value.Of((decimal)texts.Distinct(StringComparer.Ordinal).Count()), texts.Count);
        }

        var amounts = spec.NeedsAmount
            ? matching.Select(item => book.Convert(item.Booked.Transaction.Amount, spec.To!.Value,
                item.Booked.Day)).ToList()
            : [];
        if (amounts.Any(amount => amount is null))
        {
            return (Value.Unknown(UnknownReason.NoRate), matching.Count);
        }

        if (matching.Count < spec.MinHistory)
        {
            return (Value.Unknown(UnknownReason.InsufficientHistory), matching.Count);
        }

        var sorted = amounts.Select(amount => amount!.Value.Amount).Order().ToList(); // None is null here.
        return (spec.Fn switch
        {
            AggregateFn.Count => Value.Of((decimal)matching.Count),
            AggregateFn.Sum => Money(spec, sorted.Sum()),
            _ when matching.Count == 0 => Value.Unknown(UnknownReason.InsufficientHistory),
            AggregateFn.Benford => Exact.Benford(
                [.. Enumerable.Range(1, 9).Select(digit => matching.Count(item => LeadingDigit(item.Booked) == digit))],
                matching.Count),
            AggregateFn.TimeSince => Exact.SecondsSince(matching[^1].Booked.Micros, scope.Subject),
            AggregateFn.Avg => Money(spec, decimal.Round(sorted.Sum() / sorted.Count, 6, MidpointRounding.ToEven)),
            AggregateFn.Min => Money(spec, sorted[0]),
            AggregateFn.Max => Money(spec, sorted[^1]),
            AggregateFn.Percentile => Money(spec, sorted[Exact.NearestRank(spec.Percent, sorted.Count)]),
            AggregateFn.StdDev => Deviation(spec, sorted),
            _ => throw new InvalidOperationException(),
        }, matching.Count);
    }

    private static string? TextOf(AggregateSpec spec, Scope scope, SeenTransaction item) =>
        spec.Of!.Read(scope, item.Booked, item.IsDebtorSide).Text; // Asked where there is a field only.

    private static Value Money(AggregateSpec spec, decimal amount) => Value.Of(new Money(amount, spec.To!.Value));

    private static Value Deviation(AggregateSpec spec, List<decimal> amounts)
    {
        Int128 sum = 0;
        Int128 sumOfSquares = 0;
        foreach (var amount in amounts)
        {
            var units = (Int128)(amount * Booked.UnitsPerOne);
            sum += units;
            sumOfSquares += units * units;
        }

        return Exact.Deviation(sum, sumOfSquares, amounts.Count, spec.To!.Value);
    }

    /// <summary>A transaction and the side it is seen from.</summary>
    private readonly record struct SeenTransaction(Booked Booked, bool IsDebtorSide);
}
