using Probity.Monitoring.Rules;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// Reads from a log what no running value is kept of. Most end at the first event they find; those of steps read the
/// whole window, which their cost says.
/// </summary>
/// <param name="history">Whose log it is; it knows what matches.</param>
/// <param name="spec">What is asked for.</param>
/// <param name="log">The log.</param>
/// <param name="current">The transaction being judged.</param>
internal readonly struct LogScan(FastHistory history, AggregateSpec spec, EventLog log, Booked current)
{
    /// <summary>The value over the events [begin, end), and how many took part in it.</summary>
    public (Value Value, long Count) Read(int begin, int end)
    {
        switch (spec.Fn)
        {
            case AggregateFn.TimeSinceFirst:
                return Earliest(begin, end) is >= 0 and var first
                    ? (Exact.SecondsSince(log[first].Micros, current), 1)
                    : None;
            case AggregateFn.EditDistance:
                return Latest(begin, end) is >= 0 and var worded ? (Edits(worded), 1) : None;
            case AggregateFn.Speed:
                return Latest(begin, end) is >= 0 and var placed ? (Speed(placed), 1) : None;
            case AggregateFn.StepAvg or AggregateFn.StepStdDev:
                return Steps(begin, end);
            default:
                throw new InvalidOperationException();
        }
    }

    private static (Value Value, long Count) None => (Value.Unknown(UnknownReason.InsufficientHistory), 0);

    private int Earliest(int begin, int end)
    {
        for (var i = begin; i < end; i++)
        {
            history.Steps++;
            if (history.Matches(spec, in log[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private int Latest(int begin, int end)
    {
        for (var i = end - 1; i >= begin; i--)
        {
            history.Steps++;
            if (HasWhatIsComparedWith(in log[i]) && history.Matches(spec, in log[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private bool HasWhatIsComparedWith(in LoggedEvent item) => spec.Fn == AggregateFn.Speed
        ? history.Of(in item).Transaction.Location is not null
        : history.TextOf(spec, in item) is not null;

    private Value Edits(int place) => Value.Of((decimal)EditDistance.Between(
        Beginning(history.TextOfCurrent(spec)), Beginning(history.TextOf(spec, in log[place]))));

    private static string Beginning(string? text) =>
        text is null ? string.Empty : text[..Math.Min(text.Length, AggregateSpec.LongestText)];

    // Both are known: the judged one is asked for before, the other was looked for.
    private Value Speed(int place) => Exact.Speed(
        GreatCircle.Metres(history.Of(in log[place]).Transaction.Location!.Value, current.Transaction.Location!.Value),
        current.Micros - log[place].Micros);

    /// <summary>
    /// Steps go back from the judged transaction; the one it ends is left out, the earliest is that of the earliest
    /// event.
    /// </summary>
    private (Value Value, long Count) Steps(int begin, int end)
    {
        var (steps, at, times) = (0L, 0L, 0L);
        var (sum, squares) = (0L, 0L);
        for (var i = begin; i < end; i++)
        {
            history.Steps++;
            var step = (current.Micros - log[i].Micros) / spec.StepMicros;
            if (step == 0)
            {
                break;
            }

            if (!history.Matches(spec, in log[i]))
            {
                continue;
            }

            if (step != at)
            {
                squares += times * times;
                (at, times) = (step, 0);
                steps = Math.Max(steps, step);
            }

            times++;
            sum++;
        }

        squares += times * times;
        return steps == 0 || sum < spec.MinHistory
            ? (Value.Unknown(UnknownReason.InsufficientHistory), sum)
            : (spec.Fn == AggregateFn.StepAvg ? Exact.Mean(sum, steps) : Exact.Spread(sum, squares, steps), sum);
    }
}
