using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// What a condition on earlier transactions says of an event by what its log has at hand: its type and its amount. Most
/// events are told apart by these, so that few transactions are looked up. Exact: a conjunction holds just when every
/// term does, and what a term says of a type is that term's own answer, asked once for each type.
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
    private readonly UnitBounds? _bounds;
    private readonly short _currency;
    private readonly bool _isWhole;

    /// <summary>Makes the filter of a condition over a history.</summary>
    public EventFilter(Expr where, NumberedTransactions transactions)
    {
        var terms = where is Logic { Op: LogicKind.All } all ? all.Terms : [where];
        _ofType = [.. terms.Where(AsksForTypeOnly)];
        var bounds = terms.Select(UnitBounds.Of).OfType<UnitBounds>().ToList();
        if (bounds.Count > 0)
        {
            _currency = transactions.NumberOf(bounds[0].Currency);
            bounds.RemoveAll(other => other.Currency != bounds[0].Currency);
            _bounds = bounds.Aggregate((one, other) => one.And(other));
        }

        _isWhole = _ofType.Length + bounds.Count == terms.Count;
    }

    /// <summary>Whether the condition holds for an event; null when the transaction must be asked.</summary>
    public bool? Of(in LoggedEvent item)
    {
        var type = _ofType.Length == 0 ? Answer.Yes : _types[item.Type];
        if (type == Answer.No)
        {
            return false;
        }

        if (_bounds is not null)
        {
            if (item.Currency != _currency)
            {
                return null;
            }

            if (!_bounds.Hold(item.Units))
            {
                return false;
            }
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
    /// <param name="Currency">The currency; amounts in others are converted, which this does not.</param>
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
    }
}
