namespace Probity.Server.Sample;

/// <summary>
/// Numbers for invented data, the same for a seed on every machine and for all time: SplitMix64 (Steele, Lea, Flood,
/// 2014). Nothing secret is made with it. Not thread safe.
/// </summary>
internal sealed class SampleRandom
{
    private readonly ulong _seed;
    private ulong _state;

    public SampleRandom(ulong seed) => (_seed, _state) = (seed, seed);

    /// <summary>A generator of its own for a part, so that a part does not change when another one grows.</summary>
    public SampleRandom For(string part)
    {
        var hash = 14_695_981_039_346_656_037UL; // FNV-1a
        foreach (var letter in part)
        {
            hash = unchecked((hash ^ letter) * 1_099_511_628_211UL);
        }

        return new SampleRandom(unchecked(_seed ^ hash));
    }

    /// <summary>A whole number from 0 up to, not including, a bound.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A whole number between two, both included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    public T Of<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>An amount between two, in cents.</summary>
    public decimal Money(int least, int most) => Between(least * 100, most * 100) / 100m;

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return z ^ (z >> 31);
        }
    }
}
