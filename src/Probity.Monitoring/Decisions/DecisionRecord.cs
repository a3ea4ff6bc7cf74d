using System.Globalization;
using Probity.Monitoring.Evaluation;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Decisions;

/// <summary>Writes the record of a decision, in the order of members that RFC 8785 asks for.</summary>
internal static class DecisionRecord
{
    /// <summary>The version of the arithmetic: it changes whenever the same input could give other bytes.</summary>
    public const long EngineVersion = 2;

    public static ReadOnlyMemory<byte> Write(
        Decision decision,
        RuleSet rules,
        Booked booked,
        PartyFacts facts,
        IEnumerable<(int Slot, bool IsDebtorSide, AggregateResult Result)> computed)
    {
        var to = new RecordWriter();
        var windows = new List<(long After, long Until)>();
        to.Object(() =>
        {
            to.Array("aggregates", () => Aggregates(to, computed, windows));
            to.Truth("alert", decision.Alert is not null);
            to.Array("contributions", () => Contributions(to, decision));
            to.Whole("engine", EngineVersion);
            to.Object("facts", () => Facts(to, facts));
            to.Truth("late", decision.IsLate);
            to.Whole("number", decision.Number);
            to.Text("outcome", Word(decision.Outcome));
            Rate(to, rules.Book, booked);
            to.Array("reasons", () => Reasons(to, decision));
            to.Text("reference", rules.Book.Version);
            to.Text("rules", rules.Digest);
            to.Text("score", Fixed(decision.Score));
            to.Text("threshold", Fixed(decision.Threshold));
            to.Object("transaction", () =>
            {
                to.Text("id", decision.Transaction.Id);
                to.Text("source", decision.Transaction.Source);
            });
            to.Array("unanswered", () => Unanswered(to, decision));
            to.Array("windows", () => Windows(to, windows));
        });
        return to.Bytes;
    }

    public static string Word(DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Approve => "approve",
        DecisionOutcome.Review => "review",
        DecisionOutcome.Block => "block",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    private static string Fixed(decimal score) => score.ToString("F6", CultureInfo.InvariantCulture);

    /// <summary>
    /// An aggregate is [id, side, value, count, window]; most of a decision share a few windows, so these stand once.
    /// </summary>
    private static void Aggregates(
        RecordWriter to,
        IEnumerable<(int Slot, bool IsDebtorSide, AggregateResult Result)> computed,
        List<(long After, long Until)> windows)
    {
        foreach (var (slot, isDebtorSide, result) in computed)
        {
            var window = (result.AfterMicros, result.UntilMicros);
            var at = windows.IndexOf(window);
            if (at < 0)
            {
                at = windows.Count;
                windows.Add(window);
            }

            to.Array(() =>
            {
                to.Whole(slot);
                to.Text(isDebtorSide ? "d" : "c");
                to.Text(result.Value.ToString());
                to.Whole(result.Count);
                to.Whole(at);
            });
        }
    }

    /// <summary>A window is [after, until] in microseconds since 1970; after is null where there is no bound.</summary>
    private static void Windows(RecordWriter to, List<(long After, long Until)> windows)
    {
        foreach (var (after, until) in windows)
        {
            to.Array(() =>
            {
                if (after == long.MinValue)
                {
                    to.Null();
                }
                else
                {
                    to.Whole(after);
                }

                to.Whole(until);
            });
        }
    }

    private static void Contributions(RecordWriter to, Decision decision)
    {
        foreach (var item in decision.Contributions)
        {
            to.Object(() =>
            {
                if (item.Ref is not null)
                {
                    to.Text("band", item.Ref);
                }

                to.Array("counterfactual", () =>
                {
                    foreach (var phrase in item.Counterfactual)
                    {
                        to.Text(phrase);
                    }
                });
                if (item.Digest is not null)
                {
                    to.Text("digest", item.Digest);
                }

                to.Text("rule", item.Rule);
                to.Text("score", Fixed(item.Score));
                to.Text("side", item.Side);
                to.Whole("version", item.Version);
            });
        }
    }

    private static void Facts(RecordWriter to, PartyFacts facts)
    {
        Version(to, "creditor_account", facts.Creditor.Account?.Version);
        Version(to, "creditor_customer", facts.Creditor.Customer?.Version);
        Version(to, "debtor_account", facts.Debtor.Account?.Version);
        Version(to, "debtor_customer", facts.Debtor.Customer?.Version);
    }

    private static void Version(RecordWriter to, string name, long? version)
    {
        if (version is { } known)
        {
            to.Whole(name, known);
        }
    }

    /// <summary>
    /// The rate of the transaction's currency on its day; those of other days follow from the reference.
    /// </summary>
    private static void Rate(RecordWriter to, ReferenceBook book, Booked booked)
    {
        var currency = booked.Transaction.Amount.Currency;
        if (currency == book.Pivot || book.RateOn(currency, booked.Day) is not { } rate)
        {
            return;
        }

        to.Object("rate", () =>
        {
            to.Text("currency", currency.Value);
            to.Text("from", rate.From.ToString("O", CultureInfo.InvariantCulture));
            to.Text("pivot", book.Pivot.Value);
            to.Text("value", rate.Value.ToString("0.############################", CultureInfo.InvariantCulture));
        });
    }

    private static void Reasons(RecordWriter to, Decision decision)
    {
        foreach (var reason in decision.Reasons)
        {
            to.Text(reason);
        }
    }

    /// <summary>What could not be answered is [reason, asks for review, rules]: many rules share few reasons.</summary>
    private static void Unanswered(RecordWriter to, Decision decision)
    {
        foreach (var group in decision.Unanswered.GroupBy(item => (item.Reason, item.AsksForReview)))
        {
            to.Array(() =>
            {
                to.Text(group.Key.Reason);
                to.Truth(group.Key.AsksForReview);
                to.Array(() =>
                {
                    foreach (var rule in group.Select(item => item.Rule).Distinct(StringComparer.Ordinal))
                    {
                        to.Text(rule);
                    }
                });
            });
        }
    }
}
