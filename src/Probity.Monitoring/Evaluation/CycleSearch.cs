using System.Globalization;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The least number of transfers in a cycle that the transaction closes; 0 for none. What its kinds have in common.
/// </summary>
/// <remarks>
/// Bounded in hops, in transfers looked at per account and in all; a bound that was hit is said, not hidden.
/// </remarks>
/// <param name="slot">The place of the result.</param>
/// <param name="maxHops">The most transfers.</param>
/// <param name="withinMicros">From the first transfer to the last.</param>
internal abstract class CycleSearch(int slot, int maxHops, long withinMicros) : Aggregated(slot)
{
    protected const int MostInflows = 200;
    protected const int MostVisits = 5_000;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 500 * maxHops;

    // The way back is the same from both sides.
    public override bool DependsOnSide => false;

    protected int MaxHops => maxHops;

    public override void Compute(Scope scope, out AggregateResult result)
    {
        var last = scope.Subject;
        var after = last.Micros - withinMicros;
        var paid = scope.History.Seen(last, isDebtorSide: false);
        var creditor = scope.History.Seen(last, isDebtorSide: true).Counterparty;
        var value = paid.Counterparty >= 0 && creditor >= 0 && paid.Counterparty != creditor
            ? Search(scope, in paid, creditor, after)
            : Value.Of(0m);
        result = new AggregateResult(value, after, last.Micros, value.IsUnknown ? 0 : (long)value.Number);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    protected override string Describe() =>
        "transfers in a cycle of at most " + maxHops.ToString(CultureInfo.InvariantCulture) +
        " within " + Durations.Text(withinMicros);

    /// <summary>Looks for the way back from the debtor to the creditor of the transaction.</summary>
    /// <param name="scope">The transaction.</param>
    /// <param name="paid">The same, as the creditor sees it.</param>
    /// <param name="creditor">The number of the creditor's account.</param>
    /// <param name="after">Only over transfers after this instant.</param>
    protected abstract Value Search(Scope scope, in LoggedEvent paid, int creditor, long after);
}
