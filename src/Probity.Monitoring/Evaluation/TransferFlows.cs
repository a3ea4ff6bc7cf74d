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
    : Expr, IAggregated
{
    public const int MostInflows = 200;

    public int Slot => slot;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 300;

    public override bool DependsOnSide => true;

    public override Value Evaluate(Scope scope) => scope.ResultOf(this).Value;

    public void Compute(Scope scope, out AggregateResult result)
    {
        var own = scope.OwnParty.Account;
        var sent = own is null ? null : Sent(scope, own);
        var until = (sent ?? scope.Subject).Micros;
        var after = until - withinMicros;
        var value = own is null || sent is null
            ? Value.Unknown(UnknownReason.InsufficientHistory)
            : Sum(scope, own, sent, after);
        result = new AggregateResult(value, after, until, value.IsUnknown ? 0 : (long)value.Number);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    protected override string Describe() =>
        $"transfers in that add up to {(ofLast ? "the last one out" : "this one out")} within "
        + $"{Durations.Text(withinMicros)} (±{Value.Of(tolerance)}"
        + (commission == 0 ? ")" : $" of a commission of {Value.Of(commission)})");

    private Booked? Sent(Scope scope, string own)
    {
        if (!ofLast)
        {
            return scope.IsDebtorSide ? scope.Subject : null;
        }

        var found = scope.Search.Inflows(0);
        scope.History.Outflows(new InflowQuery(own, long.MinValue, scope.Subject, 1), found);
        return found.Count == 0 ? null : found[0];
    }

    private Value Sum(Scope scope, string own, Booked sent, long after)
    {
        var amount = sent.Transaction.Amount;
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

            if (Converted(scope, received[i], amount.Currency) is not { } part)
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
internal sealed class UpstreamDivergenceExpr(int slot, long upMicros, long downMicros) : Expr, IAggregated
{
    private const int MostInflows = 100;
    private const int MostOutflows = 500;

    public int Slot => slot;

    public override ValueKind Kind => ValueKind.Number;

    public override int Cost => 2_000;

    public override bool DependsOnSide => true;

    public override Value Evaluate(Scope scope) => scope.ResultOf(this).Value;

    public void Compute(Scope scope, out AggregateResult result)
    {
        var at = scope.Subject.Micros;
        var widest = scope.OwnParty.Account is { } own ? Widest(scope, own, at) : 0;
        result = new AggregateResult(Value.Of((decimal)widest), at - Math.Max(upMicros, downMicros), at, widest);
    }

    public override IReadOnlyList<string> Counterfactual(Scope scope) => [$"no {this}"];

    protected override string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"accounts paid within {Durations.Text(downMicros)} by a payer of the last {Durations.Text(upMicros)}");

    private int Widest(Scope scope, string own, long at)
    {
        var payers = new HashSet<string>(StringComparer.Ordinal);
        var paid = new HashSet<string>(StringComparer.Ordinal);
        var received = scope.Search.Inflows(0);
        scope.History.Inflows(new InflowQuery(own, at - upMicros, scope.Subject, MostInflows), received);
        var widest = 0;
        foreach (var inflow in received)
        {
            if (inflow.Transaction.Debtor.Account is not { } payer || payer == own || !payers.Add(payer))
            {
                continue;
            }

            var sent = scope.Search.Inflows(1);
            scope.History.Outflows(new InflowQuery(payer, at - downMicros, scope.Subject, MostOutflows), sent);
            paid.Clear();
            foreach (var outflow in sent)
            {
                if (outflow.Transaction.Creditor.Account is { } payee)
                {
                    paid.Add(payee);
                }
            }

            widest = Math.Max(widest, paid.Count);
        }

        return widest;
    }
}
