using System.Runtime.InteropServices;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The earlier transactions as production keeps them: logs in order of time per account, customer and pair, with
/// running
/// values. Not thread safe: one writer.
/// </summary>
internal sealed class FastHistory : IHistory
{
    private readonly Dictionary<string, EventLog> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EventLog> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Own, string Other), EventLog> _pairs = [];
    private readonly bool _keepsPairs;
    private readonly Scope _where;

    public FastHistory(RuleSet rules)
    {
        _keepsPairs = rules.UsesPairs;
        _where = new Scope(rules.Book, this, 0);
    }

    public void Add(Booked booked)
    {
        foreach (var isDebtorSide in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var log in LogsOf(booked, isDebtorSide))
            {
                log.Add(new LoggedEvent(booked, isDebtorSide), this);
            }
        }
    }

    public void Remove(Booked booked)
    {
        foreach (var log in BothSides(booked))
        {
            log.Remove(booked);
        }
    }

    /// <summary>Changes the status of a transaction, and forgets what was computed with the old one.</summary>
    public void SetStatus(Booked booked, TransactionStatus status)
    {
        booked.Status = status;
        foreach (var log in BothSides(booked))
        {
            log.Forget();
        }
    }

    public bool IsLate(Booked booked)
    {
        foreach (var log in BothSides(booked))
        {
            if (Order.IsBefore(booked, log[log.Count - 1].Booked))
            {
                return true;
            }
        }

        return false;
    }

    public AggregateResult Aggregate(AggregateSpec spec, Scope scope)
    {
        var current = scope.Subject;
        var (after, until) = spec.Window.Bounds(current.Micros, scope.Book);
        _where.Current = current;
        _where.CurrentIsDebtorSide = scope.IsDebtorSide;
        _where.Facts = scope.Facts;
        if (LogFor(spec, scope) is not { } log)
        {
            return new AggregateResult(new WindowState(spec).Result(current), after, until, 0);
        }

        var end = until < current.Micros
            ? log.LowerBound(until, long.MaxValue)
            : log.LowerBound(current.Micros, spec.IncludeCurrent ? current.Number + 1 : current.Number);
        var state = spec.DependsOnCurrent ? new WindowState(spec) : log.StateOf(spec);
        if (!state.TryMove(log, after, end, this))
        {
            // A late event sees its own time: a fresh scan of what was before it.
            state = new WindowState(spec);
            _ = state.TryMove(log, after, end, this);
        }

        return new AggregateResult(state.Result(current), after, until, state.Count);
    }

    public IReadOnlyList<Booked> InflowsBefore(string account, long afterMicros, Booked before, int limit)
    {
        var inflows = new List<Booked>();
        if (!_accounts.TryGetValue(account, out var log))
        {
            return inflows;
        }

        for (var i = log.LowerBound(before.Micros, before.Number) - 1; i >= 0 && inflows.Count < limit; i--)
        {
            var item = log[i];
            if (item.Booked.Micros <= afterMicros)
            {
                break;
            }

            if (!item.IsDebtorSide && AggregateReader.BookedStatuses.Contains(item.Booked.Status))
            {
                inflows.Add(item.Booked);
            }
        }

        return inflows;
    }

    public bool Matches(AggregateSpec spec, LoggedEvent item)
    {
        var isOut = item.IsDebtorSide;
        if ((spec.Direction == FlowDirection.In && isOut) || (spec.Direction == FlowDirection.Out && !isOut)
            || !spec.Statuses.Contains(item.Booked.Status)
            || (spec.Similar is { } similar
                && !Likeness.Holds(_where.Book, item.Booked, _where.Current, similar.Tolerance)))
        {
            return false;
        }

        if (spec.Where is null)
        {
            return true;
        }

        _where.Subject = item.Booked;
        _where.IsDebtorSide = isOut;
        return spec.Where.Evaluate(_where).IsTrue;
    }

    /// <summary>The amount in the currency of an aggregate, in ten-thousandths; null without a rate.</summary>
    public long? UnitsOf(AggregateSpec spec, Booked booked) =>
        _where.Book.Convert(booked.Transaction.Amount, spec.To!.Value, booked.Day) is { } money // Amounts have one.
            ? Booked.ToUnits(money)
            : null;

    public string? TextOf(AggregateSpec spec, LoggedEvent item) =>
        spec.Of!.Read(_where, item.Booked, item.IsDebtorSide).Text; // Distinct has a field.

    private static EventLog LogOf<TKey>(Dictionary<TKey, EventLog> logs, TKey key)
        where TKey : notnull
    {
        ref var log = ref CollectionsMarshal.GetValueRefOrAddDefault(logs, key, out _);
        return log ??= new EventLog();
    }

    private EventLog? LogFor(AggregateSpec spec, Scope scope)
    {
        var own = scope.OwnParty;
        switch (spec.Key)
        {
            case AggregateKey.Account:
                return own.Account is null ? null : _accounts.GetValueOrDefault(own.Account);
            case AggregateKey.Customer:
                return own.Customer is null ? null : _customers.GetValueOrDefault(own.Customer);
            case AggregateKey.Pair:
                return own.Account is { } from && scope.OtherParty.Account is { } to
                    ? _pairs.GetValueOrDefault((from, to))
                    : null;
            default:
                throw new InvalidOperationException();
        }
    }

    private IEnumerable<EventLog> BothSides(Booked booked) => LogsOf(booked, true).Concat(LogsOf(booked, false));

    private List<EventLog> LogsOf(Booked booked, bool isDebtorSide)
    {
        var own = booked.Side(isDebtorSide);
        var logs = new List<EventLog>(3);
        if (own.Account is { } account)
        {
            logs.Add(LogOf(_accounts, account));
            if (_keepsPairs && booked.Side(!isDebtorSide).Account is { } other)
            {
                logs.Add(LogOf(_pairs, (account, other)));
            }
        }

        if (own.Customer is { } customer)
        {
            logs.Add(LogOf(_customers, customer));
        }

        return logs;
    }
}
