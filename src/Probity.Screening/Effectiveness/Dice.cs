namespace Probity.Screening.Effectiveness;

/// <summary>SplitMix64: the same numbers from the same seed on every machine.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9e3779b97f4a7c15UL;
            var mixed = (_state ^ (_state >> 30)) * 0xbf58476d1ce4e5b9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebUL;
            return mixed ^ (mixed >> 31);
        }
    }
}
