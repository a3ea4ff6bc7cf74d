namespace Probity.Monitoring.Worlds;

/// <summary>How well one feature alone would tell laundering from the rest.</summary>
/// <param name="Feature">Such as <c>amount</c> or <c>pair_seen_before</c>.</param>
/// <param name="BestF1">
/// The highest F1 that any set of its values reaches on the transactions themselves; 0 to 1. The set is chosen with the
/// labels in view, so this is more than any rule on it could reach.
/// </param>
public sealed record AuditedFeature(string Feature, double BestF1);

/// <summary>
/// Looks for features that give laundering away by themselves, as constant amounts or pairs that never repeat do in
/// published data. Add each event in order, then read <see cref="Features"/>. Not thread safe.
/// </summary>
public sealed class WorldAudit
{
    private readonly Dictionary<string, Dictionary<int, (long True, long All)>> _features =
        new(StringComparer.Ordinal);

    private readonly HashSet<(string, string)> _pairs = [];
    private readonly HashSet<(string, decimal)> _amountsOfSender = [];
    private readonly HashSet<decimal> _amounts = [];
    private readonly Dictionary<string, (long Count, DateTimeOffset Last)> _senders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _receivers = new(StringComparer.Ordinal);
    private long _true;

    /// <summary>The features with what each reaches, the best first.</summary>
    public IReadOnlyList<AuditedFeature> Features => [.. _features
        .Select(feature => new AuditedFeature(feature.Key, BestOf(feature.Value)))
        .OrderByDescending(feature => feature.BestF1).ThenBy(feature => feature.Feature, StringComparer.Ordinal)];

    /// <summary>Takes an event in, in order of time.</summary>
    /// <param name="item">The event.</param>
    /// <param name="counts">Whether it is among those to tell apart, or only history.</param>
    /// <param name="facts">What is known of its parties.</param>
    public void Add(WorldEvent item, bool counts, PartyFacts facts)
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(facts);
        var (transaction, amount) = (item.Transaction, item.Transaction.Amount.Amount);
        var from = transaction.Debtor.Account ?? string.Empty;
        var to = transaction.Creditor.Account ?? string.Empty;
        var isNewPair = _pairs.Add((from, to));
        var isNewOfSender = _amountsOfSender.Add((from, amount));
        var isNew = _amounts.Add(amount);
        var sender = _senders.GetValueOrDefault(from);
        var received = _receivers.GetValueOrDefault(to);
        _senders[from] = (sender.Count + 1, transaction.OccurredAt);
        _receivers[to] = received + 1;
        if (!counts)
        {
            return;
        }

        var isTrue = item.Ring is not null;
        _true += isTrue ? 1 : 0;
        Note("amount", Scale((long)(amount * 100), 8), isTrue);
        Note("amount_seen_before_of_sender", isNewOfSender ? 0 : 1, isTrue);
        Note("amount_seen_before", isNew ? 0 : 1, isTrue);
        Note("amount_is_round", amount % 100 == 0 ? 1 : 0, isTrue);
        Note("pair_seen_before", isNewPair ? 0 : 1, isTrue);
        Note("type", Code(transaction.Type), isTrue);
        Note("hour", transaction.OccurredAt.UtcDateTime.Hour, isTrue);
        Note("weekday", (int)transaction.OccurredAt.UtcDateTime.DayOfWeek, isTrue);
        Note("segment_of_sender", Code(facts.Debtor.Customer?.Segment), isTrue);
        Note("segment_of_receiver", Code(facts.Creditor.Customer?.Segment), isTrue);
        Note("payments_of_sender", Scale(sender.Count, 2), isTrue);
        Note("payments_to_receiver", Scale(received, 2), isTrue);
        Note("hours_since_last_of_sender", sender.Count == 0
            ? -1
            : Scale((long)(transaction.OccurredAt - sender.Last).TotalHours, 2), isTrue);
    }

    // Values with the greatest share of laundering first: no other set of as many values does better.
    private double BestOf(Dictionary<int, (long True, long All)> values)
    {
        var (best, found, all) = (0.0, 0L, 0L);
        foreach (var (isTrue, count) in values.Values.OrderByDescending(value => (double)value.True / value.All))
        {
            (found, all) = (found + isTrue, all + count);
            best = Math.Max(best, _true == 0 ? 0 : 2.0 * found / (_true + all));
        }

        return best;
    }

    private void Note(string feature, int value, bool isTrue)
    {
        if (!_features.TryGetValue(feature, out var values))
        {
            _features[feature] = values = [];
        }

        var (found, all) = values.GetValueOrDefault(value);
        values[value] = (found + (isTrue ? 1 : 0), all + 1);
    }

    // So many steps for each doubling.
    private static int Scale(long value, int steps)
    {
        if (value <= 0)
        {
            return 0;
        }

        var exponent = 63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value);
        var rest = value - (1L << exponent);
        return 1 + (exponent * steps) + (int)(rest * steps >> exponent);
    }

    private static int Code(string? text)
    {
        var code = 17;
        foreach (var letter in text ?? string.Empty)
        {
            code = unchecked((code * 31) + letter);
        }

        return code;
    }
}
