using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// How many of the newest transfers into an account add up to one out of it, less what the account keeps; 0 when no
/// number of them does. Answers whether money was passed on at once (1) or was gathered first (2 and more).
/// </summary>
/// <remarks>
/// With a commission c and a tolerance t the sum lies between a(1 + c) ± t·c·a for an amount a sent on, without one
/// between a ± t·a, both ends left out. Each transfer in is converted at the rate of its day.
/// </remarks>
/// <param name="slot">The place of the result.</param>
/// <param name="withinMicros">How long before the transfer out.</param>
/// <param name="tolerance">Share, above 0 to 1.</param>
/// <param name="commission">Share of what is sent on that the account keeps; 0 for none.</param>
/// <param name="ofLast">Whether the transfer out is the latest earlier one; else the one being judged.</param>
internal sealed class MirrorSumExpr(int slot, long withinMicros, decimal tolerance, decimal commission, bool ofLast)
    : Aggregated(slot)
{
    public const int MostInflows = 200;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 300;

    public override bool DependsOnSide => true;

    public override void Compute(Scope scope, out AggregateResult result)
    {
        var own = scope.History.Seen(scope.Subject, !scope.IsDebtorSide).Counterparty;
        var sent = own < 0 ? null : Sent(scope, own);
        var until = sent is { } known ? known.Micros : scope.Subject.Micros;
        var after = until - withinMicros;
        var value = sent is { } item
            ? Sum(scope, own, in item, after)
            : Value.Unknown(UnknownReason.InsufficientHistory);
        result = new AggregateResult(value, after, until, value.IsUnknown ? 0 : (long)value.Number);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    protected override string Describe() =>
        $"transfers in that add up to {(ofLast ? "the last one out" : "this one out")} within "
        + $"{Durations.Text(withinMicros)} (±{Value.Of(tolerance)}"
        + (commission == 0 ? ")" : $" of a commission of {Value.Of(commission)})");

    private LoggedEvent? Sent(Scope scope, int own)
    {
        var judged = scope.History.Seen(scope.Subject, scope.IsDebtorSide);
        if (!ofLast)
        {
            return scope.IsDebtorSide ? judged : null;
        }

        var found = scope.Search.Inflows(0);
        scope.History.Outflows(new InflowQuery(own, long.MinValue, judged, 1), found);
        return found.Count == 0 ? null : found[0];
    }

    private Value Sum(Scope scope, int own, in LoggedEvent sent, long after)
    {
        var amount = scope.History.Of(in sent).Transaction.Amount;
        var aim = amount.Amount * (1 + commission);
        var room = amount.Amount * tolerance * (commission == 0 ? 1 : commission);
        var received = scope.Search.Inflows(1);
        scope.History.Inflows(new InflowQuery(own, after, sent, MostInflows + 1), received);
        if (received.Count == 0)
        {
            return Value.Unknown(UnknownReason.InsufficientHistory);
        }

        var sum = 0m;
        for (var i = 0; i < received.Count && sum < aim + room; i++)
        {
            if (i == MostInflows)
            {
                return Value.Unknown(UnknownReason.SearchBound);
            }

            if (Converted(scope, scope.History.Of(received[i]), amount.Currency) is not { } part)
            {
                return Value.Unknown(UnknownReason.NoRate);
            }

            sum += part;
            if (sum > aim - room && sum < aim + room)
            {
                return Value.Of((decimal)i + 1);
            }
        }

        return Value.Of(0m);
    }

    private static decimal? Converted(Scope scope, Booked received, CurrencyCode to) =>
        scope.Book.Convert(received.Transaction.Amount, to, received.Day)?.Amount;
}

/// <summary>
/// How many accounts the most scattering of those paid who lately paid this account: it may be one of many that one
/// source is spread over. 0 when nobody paid it.
/// </summary>
/// <remarks>
/// Looks at the newest 100 transfers in, and at the newest 500 out of each payer: more are not told apart.
/// </remarks>
/// <param name="slot">The place of the result.</param>
/// <param name="upMicros">How long ago payers may have paid.</param>
/// <param name="downMicros">How long ago what they paid is counted from.</param>
internal sealed class UpstreamDivergenceExpr(int slot, long upMicros, long downMicros) : Aggregated(slot)
{
    private const int MostInflows = 100;
    private const int MostOutflows = 500;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 2_000;

    public override bool DependsOnSide => true;

    public override void Compute(Scope scope, out AggregateResult result)
    {
        var at = scope.Subject.Micros;
        var own = scope.History.Seen(scope.Subject, !scope.IsDebtorSide).Counterparty;
        var widest = own < 0 ? 0 : Widest(scope, own, at);
        result = new AggregateResult(Value.Of((decimal)widest), at - Math.Max(upMicros, downMicros), at, widest);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    protected override string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"accounts paid within {Durations.Text(downMicros)} by a payer of the last {Durations.Text(upMicros)}");

    private int Widest(Scope scope, int own, long at)
    {
        var (payers, paid) = (new HashSet<int>(), new HashSet<int>());
        var judged = scope.History.Seen(scope.Subject, scope.IsDebtorSide);
        var received = scope.Search.Inflows(0);
        scope.History.Inflows(new InflowQuery(own, at - upMicros, judged, MostInflows), received);
        var widest = 0;
        foreach (var inflow in received)
        {
            var payer = inflow.Counterparty;
            if (payer < 0 || payer == own || !payers.Add(payer))
            {
                continue;
            }

            var sent = scope.Search.Inflows(1);
            scope.History.Outflows(new InflowQuery(payer, at - downMicros, judged, MostOutflows), sent);
            paid.Clear();
            paid.UnionWith(sent.Where(outflow => outflow.Counterparty >= 0).Select(outflow => outflow.Counterparty));
            widest = Math.Max(widest, paid.Count);
        }

        return widest;
    }
}
