using System.Globalization;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Decisions;

/// <summary>
/// Writes the record of a decision, in the order of members that RFC 8785 asks for. Used again; not thread safe.
/// </summary>
internal sealed class DecisionRecord(RuleSet rules)
{
    /// <summary>The version of the arithmetic: it changes whenever the same input could give other bytes.</summary>
    public const long EngineVersion = 3;

    private readonly RecordWriter _to = new();
    private readonly List<(long After, long Until)> _windows = [];
    private (decimal Value, string? Text) _threshold;

    public ReadOnlyMemory<byte> Write(Decision decision, Booked booked, PartyFacts facts, Scope scope)
    {
        _to.Reset();
        _windows.Clear();
        _to.BeginObject();
        Aggregates(scope);
        _to.Truth("alert", decision.Alert is not null);
        Contributions(decision.Contributions);
        _to.Whole("engine", EngineVersion);
        Facts(facts);
        _to.Truth("late", decision.IsLate);
        _to.Whole("number", decision.Number);
        _to.Text("outcome", Word(decision.Outcome));
        Rate(booked);
        _to.BeginArray("reasons");
        foreach (var reason in decision.Reasons)
        {
            _to.Text(reason);
        }

        _to.EndArray();
        _to.Text("reference", rules.Book.Version);
        _to.Text("rules", rules.Digest);
        _to.Text("score", Fixed(decision.Score));
        Shadow(decision.Shadow);
        _to.Text("threshold", Threshold(decision.Threshold));
        _to.BeginObject("transaction");
        _to.Text("id", decision.Transaction.Id);
        _to.Text("source", decision.Transaction.Source);
        _to.EndObject();
        Unanswered(decision.Unanswered);
        Windows();
        _to.EndObject();
        return _to.Bytes;
    }

    public static string Word(DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Approve => "approve",
        DecisionOutcome.Review => "review",
        DecisionOutcome.Block => "block",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    private static string Fixed(decimal score) =>
        score == 0 ? "0.000000" : score.ToString("F6", CultureInfo.InvariantCulture);

    private string Threshold(decimal threshold)
    {
        if (_threshold.Value != threshold || _threshold.Text is null)
        {
            _threshold = (threshold, Fixed(threshold));
        }

        return _threshold.Text;
    }

    /// <summary>
    /// An aggregate is [id, side, value, count, window]; most of a decision share a few windows, so these stand once.
    /// </summary>
    private void Aggregates(Scope scope)
    {
        _to.BeginArray("aggregates");
        for (var place = scope.NextComputed(0); place >= 0; place = scope.NextComputed(place + 1))
        {
            ref readonly var result = ref scope.ResultAt(place, out var slot, out var isDebtorSide);
            _to.BeginArray();
            _to.Whole(slot);
            _to.Plain(isDebtorSide ? "d"u8 : "c"u8);
            _to.Text(result.Value);
            _to.Whole(result.Count);
            _to.Whole(WindowOf(result.AfterMicros, result.UntilMicros));
            _to.EndArray();
        }

        _to.EndArray();
    }

    private int WindowOf(long after, long until)
    {
        for (var i = 0; i < _windows.Count; i++)
        {
            if (_windows[i].After == after && _windows[i].Until == until)
            {
                return i;
            }
        }

        _windows.Add((after, until));
        return _windows.Count - 1;
    }

    /// <summary>A window is [after, until] in microseconds since 1970; after is null where there is no bound.</summary>
    private void Windows()
    {
        _to.BeginArray("windows");
        foreach (var (after, until) in _windows)
        {
            _to.BeginArray();
            if (after == long.MinValue)
            {
                _to.Null();
            }
            else
            {
                _to.Whole(after);
            }

            _to.Whole(until);
            _to.EndArray();
        }

        _to.EndArray();
    }

    private void Contributions(IReadOnlyList<Contribution> items)
    {
        _to.BeginArray("contributions");
        for (var at = 0; at < items.Count; at++)
        {
            var item = items[at]; // An enumerator would be garbage, here and below.
            _to.BeginObject();
            if (item.Ref is not null)
            {
                _to.Text("band", item.Ref);
            }

            _to.BeginArray("counterfactual");
            for (var phrase = 0; phrase < item.Counterfactual.Count; phrase++)
            {
                _to.Text(item.Counterfactual[phrase]);
            }

            _to.EndArray();
            if (item.Digest is not null)
            {
                _to.Text("digest", item.Digest);
            }

            _to.Text("rule", item.Rule);
            _to.Text("score", Fixed(item.Score));
            _to.Text("side", item.Side);
            _to.Whole("version", item.Version);
            _to.EndObject();
        }

        _to.EndArray();
    }

    /// <summary>Left out where no rule in shadow has anything to say, so that such sets leave the same bytes as sets
    /// without one.</summary>
    private void Shadow(ShadowDecision? shadow)
    {
        if (shadow is null)
        {
            return;
        }

        _to.BeginObject("shadow");
        _to.Truth("alert", shadow.Alert is not null);
        Contributions(shadow.Contributions);
        _to.Text("outcome", Word(shadow.Outcome));
        if (shadow.Alert is { } alert)
        {
            _to.Text("rule", alert.Rule);
        }

        _to.Text("score", Fixed(shadow.Score));
        Unanswered(shadow.Unanswered);
        _to.EndObject();
    }

    private void Facts(PartyFacts facts)
    {
        _to.BeginObject("facts");
        Version("creditor_account", facts.Creditor.Account?.Version);
        Version("creditor_customer", facts.Creditor.Customer?.Version);
        Version("debtor_account", facts.Debtor.Account?.Version);
        Version("debtor_customer", facts.Debtor.Customer?.Version);
        _to.EndObject();
    }

    private void Version(string name, long? version)
    {
        if (version is { } known)
        {
            _to.Whole(name, known);
        }
    }

    /// <summary>
    /// The rate of the transaction's currency on its day; those of other days follow from the reference.
    /// </summary>
    private void Rate(Booked booked)
    {
        var book = rules.Book;
        var currency = booked.Transaction.Amount.Currency;
        if (currency == book.Pivot || book.RateOn(currency, booked.Day) is not { } rate)
        {
            return;
        }

        _to.BeginObject("rate");
        _to.Text("currency", currency.Value);
        _to.Text("from", rate.From.ToString("O", CultureInfo.InvariantCulture));
        _to.Text("pivot", book.Pivot.Value);
        _to.Text("value", rate.Value.ToString("0.############################", CultureInfo.InvariantCulture));
        _to.EndObject();
    }

    /// <summary>What could not be answered is [reason, asks for review, rules]: many rules share few reasons.</summary>
    private void Unanswered(IReadOnlyList<Unanswered> items)
    {
        _to.BeginArray("unanswered");
        for (var i = 0; i < items.Count; i++)
        {
            var isFirst = true;
            for (var j = 0; j < i && isFirst; j++)
            {
                isFirst = !AreAlike(items[j], items[i]);
            }

            if (isFirst)
            {
                Group(items, i);
            }
        }

        _to.EndArray();
    }

    private void Group(IReadOnlyList<Unanswered> items, int first)
    {
        _to.BeginArray();
        _to.Text(items[first].Reason);
        _to.Truth(items[first].AsksForReview);
        _to.BeginArray();
        var last = string.Empty;
        for (var i = first; i < items.Count; i++)
        {
            // The two sides of a rule follow each other: it is named once.
            if (AreAlike(items[i], items[first]) && items[i].Rule != last)
            {
                last = items[i].Rule;
                _to.Text(last);
            }
        }

        _to.EndArray();
        _to.EndArray();
    }

    private static bool AreAlike(Unanswered one, Unanswered other) =>
        one.AsksForReview == other.AsksForReview && one.Reason == other.Reason;
}
