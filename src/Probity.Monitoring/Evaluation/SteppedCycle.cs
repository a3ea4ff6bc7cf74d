namespace Probity.Monitoring.Evaluation;

/// <summary>
/// As <see cref="CycleExpr"/>, where each transfer has about the amount of the one after it: money that is sent on,
/// less a share, and not any transfers that happen to close a circle.
/// </summary>
/// <remarks>
/// Goes back over transfers and not over accounts, since the latest way to an account need not have the amount that
/// leads on. Each transfer is looked at once, on the shortest way to it.
/// </remarks>
/// <param name="slot">The place of the result.</param>
/// <param name="minHops">The least number of transfers, 2 or 3.</param>
/// <param name="maxHops">The most.</param>
/// <param name="withinMicros">From the first transfer to the last.</param>
/// <param name="tolerance">How far an amount may be from that of the next transfer, as a share of the latter.</param>
internal sealed class SteppedCycleExpr(int slot, int minHops, int maxHops, long withinMicros, decimal tolerance)
    : CycleSearch(slot, maxHops, withinMicros)
{
    protected override string Describe() => $"{base.Describe()}, each ±{Value.Of(tolerance)} of the next";

    protected override Value Search(Scope scope, in LoggedEvent paid, int creditor, long after)
    {
        List<LoggedEvent> level = [paid];
        List<LoggedEvent> next = [];
        HashSet<int> seen = [];
        var visits = 0;
        var isBounded = false;
        for (var hops = 2; hops <= MaxHops && level.Count > 0; hops++)
        {
            next.Clear();
            foreach (var onward in level)
            {
                var inflows = scope.Search.Inflows(0);
                scope.History.Inflows(QueryOf(onward, after), inflows);
                isBounded |= inflows.Count > MostInflows;
                visits += Math.Min(inflows.Count, MostInflows);
                if (visits > MostVisits)
                {
                    return Value.Unknown(UnknownReason.SearchBound);
                }

                if (Closes(inflows, creditor, hops))
                {
                    return Value.Of((decimal)hops);
                }

                Follow(inflows, paid.Counterparty, creditor, seen, next);
            }

            (level, next) = (next, level);
        }

        return isBounded ? Value.Unknown(UnknownReason.SearchBound) : Value.Of(0m);
    }

    private bool Closes(List<LoggedEvent> inflows, int creditor, int hops) =>
        hops >= minHops && inflows.Take(MostInflows).Any(inflow => inflow.Counterparty == creditor);

    // One more than are looked at, to know whether there were more. Who pays a transfer that leads on has an account.
    private InflowQuery QueryOf(LoggedEvent onward, long after) => new(
        onward.Counterparty, after, onward, MostInflows + 1, onward, tolerance);

    // A way that passes through either end on its way is two cycles, not one.
    private static void Follow(
        List<LoggedEvent> inflows, int debtor, int creditor, HashSet<int> seen, List<LoggedEvent> next)
    {
        for (var i = 0; i < inflows.Count && i < MostInflows; i++)
        {
            var from = inflows[i].Counterparty;
            if (from >= 0 && from != debtor && from != creditor && seen.Add(inflows[i].Number))
            {
                next.Add(inflows[i]);
            }
        }
    }
}
