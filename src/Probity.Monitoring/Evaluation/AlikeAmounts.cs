namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The amounts of a long window in order, by currency, so that those like another are counted without reading the
/// window. Not thread safe.
/// </summary>
internal sealed class AlikeAmounts
{
    /// <summary>Events of a window from which on it may be worth it.</summary>
    public const int Long = 256;

    // So many events are read in the time that one is put in order.
    private const int Dear = 128;

    private readonly List<(short Currency, SortedAmounts Amounts)> _currencies = []; // Mostly one.
    private long _read;

    /// <summary>
    /// Whether going some events further costs no more than what was read for want of it: whoever reads a window again
    /// and again gets it in order, whoever looks once in thousands of events does not.
    /// </summary>
    /// <param name="events">How many events would be put in or taken out.</param>
    /// <param name="window">How many would be read instead.</param>
    public bool IsWorth(int events, int window)
    {
        _read += window;
        return _read >= (long)events * Dear;
    }

    /// <summary>It was gone further.</summary>
    public void Went() => _read = 0;

    public void Clear() => _currencies.Clear();

    public void Add(short currency, long units, int sign)
    {
        var at = _currencies.FindIndex(item => item.Currency == currency);
        if (at < 0)
        {
            at = _currencies.Count;
            _currencies.Add((currency, new SortedAmounts()));
        }

        var amounts = _currencies[at].Amounts;
        amounts.Add(units, sign);
        if (amounts.IsEmpty)
        {
            _currencies.RemoveAt(at);
        }
    }

    /// <summary>
    /// How many amounts of a currency lie in [low, high]; null when there are others, which are converted one by one.
    /// </summary>
    public int? Between(short currency, long low, long high) => _currencies switch
    {
        [] => 0,
        [var only] when only.Currency == currency => only.Amounts.AtMost(high) - only.Amounts.AtMost(low - 1),
        _ => null,
    };
}
