namespace Probity.Monitoring.Worlds;

/// <summary>
/// SplitMix64: the same numbers from the same seed on every machine, for generated data only. Whole numbers throughout,
/// so that no rounding of a processor takes part. Not thread safe.
/// </summary>
internal struct WorldDice
{
    private const int Thousand = 1_000;

    // 1.05 to the powers from 0 to 128, in thousandths.
    private static readonly long[] s_growth = Growth();

    private ulong _state;

    public WorldDice(ulong seed, long one, long two = 0)
    {
        unchecked
        {
            _state = seed ^ ((ulong)one * 0xD6E8FEB86659FD93) ^ ((ulong)two * 0xCA5A826395121157);
        }

        _ = Next();
    }

    /// <summary>A number from 0 up to and without a bound.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A number from one to another, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>Whether a thing happens that happens so often in ten thousand.</summary>
    public bool Happens(int inTenThousand) => Below(10_000) < inTenThousand;

    /// <summary>
    /// An amount in cents around a median, nearly log-normal: two thirds lie within a factor of three at a spread of
    /// 100.
    /// </summary>
    public long Around(long medianCents, int spreadPercent)
    {
        var steps = 0;
        for (var i = 0; i < 6; i++)
        {
            steps += Below(43);
        }

        steps = (steps - 126) * spreadPercent / 100;
        var cents = steps >= 0
            ? medianCents * s_growth[steps] / Thousand
            : medianCents * Thousand / s_growth[-steps];
        // Between two steps all amounts occur: a table alone would make few amounts that repeat.
        return Math.Max(cents * (10_000 + Below(500)) / 10_000, 1);
    }

    private static long[] Growth()
    {
        var growth = new long[129];
        growth[0] = Thousand;
        for (var i = 1; i < growth.Length; i++)
        {
            growth[i] = ((growth[i - 1] * 105) + 50) / 100;
        }

        return growth;
    }

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
