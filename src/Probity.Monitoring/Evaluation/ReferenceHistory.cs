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

    public void Add(Booked booked) => _all.Add(booked);

    public void Remove(Booked booked) => _all.Remove(booked);

    public bool IsLate(Booked booked) => _all.Any(other => Order.IsBefore(booked, other) && ShareParty(booked, other));

    public void Aggregate(AggregateSpec spec, Scope scope, out AggregateResult result)
    {
        var current = scope.Subject;
        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        var matching = Seen(spec, scope)
            .Where(item => item.Booked.Micros > after && item.Booked.Micros <= until)
            .Where(item => Order.IsBefore(item.Booked, current) || (spec.IncludeCurrent && item.Booked == current))
            .Where(item => Matches(spec, scope, item))
            .Where(item => spec.Of is null || TextOf(spec, scope, item) is not null)
            .OrderBy(item => item.Booked.Micros)
            .ThenBy(item => item.Booked.Number)
            .ToList();
        if (spec.Window.Kind == WindowKind.LastN)
        {
            matching = matching.TakeLast(spec.Window.Size).ToList();
        }

        var (value, count) = Compute(spec, scope, matching);
        result = new AggregateResult(value, after, until, count);
    }

    public void Inflows(in InflowQuery query, List<Booked> into)
    {
        var (account, after, before, limit, like, tolerance) = query;
        into.AddRange(_all
            .Where(booked => booked.Transaction.Creditor.Account == account)
            .Where(booked => booked.Micros > after && Order.IsBefore(booked, before))
            .Where(booked => booked.Status is TransactionStatus.Pending or TransactionStatus.Settled)
            .Where(booked => like is null || Likeness.Holds(book, booked, like, tolerance))
            .OrderByDescending(booked => booked.Micros)
            .ThenByDescending(booked => booked.Number)
            .Take(limit));
    }

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
    private IEnumerable<LoggedEvent> Seen(AggregateSpec spec, Scope scope)
    {
        foreach (var booked in _all)
        {
            foreach (var isDebtorSide in new[] { true, false })
            {
                if (IsOfKey(spec, scope, booked.Side(isDebtorSide), booked.Side(!isDebtorSide)))
                {
                    yield return new LoggedEvent(booked, isDebtorSide, 0);
                }
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

    private bool Matches(AggregateSpec spec, Scope scope, LoggedEvent item)
    {
        var isWay = spec.Direction == FlowDirection.Both || spec.Direction == FlowDirection.Out == item.IsDebtorSide;
        if (!isWay || !spec.Statuses.Contains(item.Booked.Status))
        {
            return false;
        }

        if (spec.Similar is { } similar && !Likeness.Holds(book, item.Booked, scope.Subject, similar.Tolerance))
        {
            return false;
        }

        var where = new Scope(book, this, 0)
        {
            Subject = item.Booked,
            IsDebtorSide = item.IsDebtorSide,
            Current = scope.Subject,
            CurrentIsDebtorSide = scope.IsDebtorSide,
            Facts = scope.Facts,
        };
        return spec.Where is null || spec.Where.Evaluate(where).IsTrue;
    }

    private (Value Value, long Count) Compute(AggregateSpec spec, Scope scope, List<LoggedEvent> matching)
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
            AggregateFn.TimeSince => Exact.SecondsSince(matching[^1].Booked.Micros, scope.Subject),
            AggregateFn.Avg => Money(spec, decimal.Round(sorted.Sum() / sorted.Count, 6, MidpointRounding.ToEven)),
            AggregateFn.Min => Money(spec, sorted[0]),
            AggregateFn.Max => Money(spec, sorted[^1]),
            AggregateFn.Percentile => Money(spec, sorted[Exact.NearestRank(spec.Percent, sorted.Count)]),
            AggregateFn.StdDev => Deviation(spec, sorted),
            _ => throw new InvalidOperationException(),
        }, matching.Count);
    }

    private static string? TextOf(AggregateSpec spec, Scope scope, LoggedEvent item) =>
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
}
