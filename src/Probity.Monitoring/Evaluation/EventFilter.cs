using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// What a condition on earlier transactions says of an event by what its log has at hand: its type, its day and its
/// amount, which is brought to the currency of the condition at the rates of the day. Most events are told apart by
/// these, so that few transactions are looked up. Exact: a conjunction holds just when every term does, and what a term
/// says of a type is that term's own answer, asked once for each type.
/// </summary>
internal sealed class EventFilter
{
    private enum Answer : byte
    {
        Unknown,
        Yes,
        No,
    }

    private readonly Expr[] _ofType;
    private readonly Answer[] _types = new Answer[byte.MaxValue + 1];
    private readonly NumberedTransactions _transactions;
    private readonly ReferenceBook _book;
    private readonly UnitBounds? _bounds;
    private readonly short _currency;
    private readonly long[] _multiples;
    private readonly bool _isWhole;

    /// <summary>Makes the filter of a condition over a history.</summary>
    /// <param name="where">The condition.</param>
    /// <param name="transactions">Those of the history.</param>
    /// <param name="book">Has the rates that the condition is asked with.</param>
    public EventFilter(Expr where, NumberedTransactions transactions, ReferenceBook book)
    {
        (_transactions, _book) = (transactions, book);
        var terms = where is Logic { Op: LogicKind.All } all ? all.Terms : [where];
        _ofType = [.. terms.Where(AsksForTypeOnly)];
        var bounds = terms.Select(UnitBounds.Of).OfType<UnitBounds>().ToList();
        if (bounds.Count > 0)
        {
            _currency = transactions.NumberOf(bounds[0].Currency);
            bounds.RemoveAll(other => other.Currency != bounds[0].Currency);
            _bounds = bounds.Aggregate((one, other) => one.And(other));
        }

        _multiples = [.. terms.Select(MultipleOfUnits).OfType<long>()];
        _isWhole = _ofType.Length + bounds.Count + _multiples.Length == terms.Count;
    }

    /// <summary>Whether the condition holds for an event; null when the transaction must be asked.</summary>
    public bool? Of(in LoggedEvent item)
    {
        var type = _ofType.Length == 0 ? Answer.Yes : _types[item.Type];
        if (type == Answer.No)
        {
            return false;
        }

        foreach (var multiple in _multiples)
        {
            if (item.Units % multiple != 0)
            {
                return false;
            }
        }

        if (_bounds is not null && !HasAmount(_bounds, in item))
        {
            return false;
        }

        return _isWhole && type == Answer.Yes ? true : null;
    }

    /// <summary>Keeps what the condition says of a type, of the transaction that is the subject of a scope.</summary>
    public void Learn(byte type, Scope scope)
    {
        if (type != 0 && _types[type] == Answer.Unknown)
        {
            _types[type] = Array.TrueForAll(_ofType, term => term.Evaluate(scope).IsTrue) ? Answer.Yes : Answer.No;
        }
    }

    // Without a rate it is not known, so the condition does not hold.
    private bool HasAmount(UnitBounds bounds, in LoggedEvent item)
    {
        if (item.Currency == _currency)
        {
            return bounds.Hold(item.Units);
        }

        var amount = new Money(Booked.FromUnits(item.Units), _transactions.CurrencyOf(item.Currency));
        return _book.Convert(amount, bounds.Currency, Instants.DayOf(item.Micros)) is { } converted
            && bounds.HoldAmount(converted.Amount);
    }

    /// <summary>What a term wants an amount to be a multiple of, in ten-thousandths; null for another
    /// term.</summary>
    private static long? MultipleOfUnits(Expr term)
    {
        if (term is not MultipleOf
            {
                Term: FieldRef { IsOfCurrent: false, Field.Name: "$amount" },
                Unit: > 0 and < Transaction.AmountLimit and var unit,
            })
        {
            return null;
        }

        var units = unit * Booked.UnitsPerOne;
        return decimal.IsInteger(units) ? (long)units : null;
    }

    private static bool AsksForTypeOnly(Expr term) => term switch
    {
        Literal => true,
        FieldRef { IsOfCurrent: false, Field.Name: TypeCheck.TypeField } => true,
        Comparison comparison => AsksForTypeOnly(comparison.Left) && AsksForTypeOnly(comparison.Right),
        Membership { List: null } membership => AsksForTypeOnly(membership.Subject), // A list changes by day.
        Not not => AsksForTypeOnly(not.Term),
        Logic logic => logic.Terms.All(AsksForTypeOnly),
        _ => false,
    };

    /// <summary>What amounts of one currency a condition lets through, in ten-thousandths.</summary>
    /// <param name="Currency">The currency; amounts in others are converted first.</param>
    /// <param name="Least">The least one.</param>
    /// <param name="Above">The least one above them.</param>
    private sealed record UnitBounds(CurrencyCode Currency, long Least, long Above)
    {
        /// <summary>The bounds of a term, or null when it has none.</summary>
        public static UnitBounds? Of(Expr term)
        {
            if (term is not Comparison
                {
                    Left: FieldRef { IsOfCurrent: false, Field.Name: "$amount" },
                    Right: Literal { Value: { Number: > 0 and < Transaction.AmountLimit } limit },
                } comparison)
            {
                return null;
            }

            var units = Booked.ToUnits(limit.Money); // A rule gives it in minor units.
            return comparison.Op switch
            {
                CompareOp.Gte => new UnitBounds(limit.Currency, units, long.MaxValue),
                CompareOp.Gt => new UnitBounds(limit.Currency, units + 1, long.MaxValue),
                CompareOp.Lt => new UnitBounds(limit.Currency, long.MinValue, units),
                CompareOp.Lte => new UnitBounds(limit.Currency, long.MinValue, units + 1),
                _ => null,
            };
        }

        public UnitBounds And(UnitBounds other) =>
            new(Currency, Math.Max(Least, other.Least), Math.Min(Above, other.Above));

        public bool Hold(long units) => units >= Least && units < Above;

        // What was converted may be more than any amount is, in whatever unit.
        public bool HoldAmount(decimal amount) => amount >= Booked.FromUnits(Least)
            && (Above == long.MaxValue || amount < Booked.FromUnits(Above));
    }
}
