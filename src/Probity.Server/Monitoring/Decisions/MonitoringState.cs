using Probity.Monitoring;
using Probity.Server.Monitoring.Rules;

namespace Probity.Server.Monitoring.Decisions;

/// <summary>The engine as the steps of the ledger make it. One writer; not thread safe.</summary>
internal sealed class MonitoringState(RuleLibrary library, TimeProvider time)
{
    private static readonly TimeSpan s_history = TimeSpan.FromDays(Probity.Monitoring.Rules.RuleSet.DefaultHistoryDays);

    private bool _isIncomplete;
    private int _expected;

    /// <summary>The engine; null before the first rules.</summary>
    public MonitoringEngine? Engine { get; private set; }

    /// <summary>The rules in force; null before the first.</summary>
    public ActiveRules? Rules { get; private set; }

    /// <summary>The number of the last step.</summary>
    public long LastNumber => Engine?.LastNumber ?? 0;

    /// <summary>The first entry that was not looked at.</summary>
    public long NextSeq { get; set; }

    /// <summary>Takes in a step that is stored; one it has already changes nothing.</summary>
    /// <exception cref="InvalidOperationException">
    /// The steps do not follow each other: the log is not what it was.
    /// </exception>
    public async Task TakeAsync(Step step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case Step.Decided decided when decided.Number > LastNumber:
                Require().Load(decided.Transaction, decided.Number);
                break;
            case Step.Reversed reversed when reversed.Number > LastNumber:
                if (Require().Reverse(reversed.Key) == ReversalResult.Reversed)
                {
                    Require().Commit();
                }
                else
                {
                    Require().Pass(reversed.Number); // What it took back was erased.
                }

                break;
            case Step.Activated activated when activated.Number > LastNumber:
                await ActivateAsync(activated, cancellationToken);
                break;
            case Step.Erased erased when erased.Number > LastNumber:
                Require().Pass(erased.Number);
                if (time.GetUtcNow() - erased.RecordedAt < s_history)
                {
                    _isIncomplete = true;
                    Exchange(Require().Rules, Require().Options with { IsStateComplete = false });
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Says how many transactions of packs come, some more or less; 0 when no more do.</summary>
    public void Expect(int transactions)
    {
        _expected = transactions;
        Engine?.Expect(transactions);
    }

    /// <summary>Takes in a transaction of a pack; one it has already changes nothing.</summary>
    /// <exception cref="InvalidOperationException">As above.</exception>
    public void Take(ITransactionPack pack, int place)
    {
        if (pack[place].Number > LastNumber)
        {
            Require().Load(pack, place);
        }
    }

    /// <summary>Goes on with other rules, whose step is stored.</summary>
    public void Exchange(ActiveRules rules, Probity.Monitoring.Rules.RuleSet compiled)
    {
        Exchange(compiled, rules.Options with { IsStateComplete = !_isIncomplete });
        Rules = rules;
    }

    private async Task ActivateAsync(Step.Activated step, CancellationToken cancellationToken)
    {
        var rules = step.Rules;
        var compiled = await library.CompileAsync(rules.Documents, rules.Book, rules.Digest, cancellationToken);
        if (Engine is null)
        {
            Engine = new MonitoringEngine(compiled, rules.Options);
            Engine.Expect(_expected);
        }

        Engine.Pass(step.Number);
        Exchange(rules, compiled);
    }

    private void Exchange(Probity.Monitoring.Rules.RuleSet compiled, MonitoringOptions options) =>
        Require().Exchange(compiled, options);

    private MonitoringEngine Require() => Engine
        ?? throw new InvalidOperationException("A step comes before the first rules: the log is not what it was.");
}
