using System.Numerics;
using System.Security.Cryptography;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// Numbers by number, beside each other in memory: a look-up mostly touches one line of it, and nothing in it is
/// followed by the collector. A key may stand more than once. In parts, so that growing moves a part and holds up no
/// decision for long. Not thread safe, but see <see cref="LockOf"/>.
/// </summary>
/// <typeparam name="TKey">The keys; any.</typeparam>
/// <typeparam name="TValue">The values; 0 says that a slot is free, so that it is no value.</typeparam>
/// <remarks>Linear probing: Knuth, The Art of Computer Programming 3, 6.4, algorithms L and R.</remarks>
internal sealed class ProbedTable<TKey, TValue>
    where TKey : struct, IBinaryInteger<TKey>
    where TValue : struct, IBinaryInteger<TValue>
{
    private const int PartBits = 8;
    private const int Least = 16; // A power of two, as all sizes.

    // Drawn anew in each process, so that nobody can choose keys that crowd one place; odd, so that none are lost.
    private static readonly ulong s_spread = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;

    private readonly Part[] _parts = [.. Enumerable.Range(0, 1 << PartBits).Select(_ => new Part())];

    /// <summary>How many values it has: counted anew each time, part by part.</summary>
    public int Count => _parts.Sum(part => part.Count);

    /// <summary>
    /// What the part that has a key is locked with: several may add at once when each holds the lock of what it adds,
    /// and nobody searches.
    /// </summary>
    public Lock LockOf(TKey key) => PartOf(Spread(key)).Lock;

    /// <summary>The values of a key.</summary>
    public Found Of(TKey key)
    {
        var spread = Spread(key);
        return new Found(PartOf(spread).Slots, key, spread);
    }

    /// <summary>Adds a value, whatever the key has already.</summary>
    public void Add(TKey key, TValue value)
    {
        var spread = Spread(key);
        PartOf(spread).Add(key, spread) = value;
    }

    /// <summary>The value of a key that stands once at most; a new one is 0 and is to be set at once.</summary>
    public ref TValue FindOrAdd(TKey key, out bool isThere)
    {
        var spread = Spread(key);
        var part = PartOf(spread);
        var slots = part.Slots;
        for (var at = First(slots, spread); slots[at].IsTaken; at = After(slots, at))
        {
            if (slots[at].Key == key)
            {
                isThere = true;
                return ref slots[at].Value;
            }
        }

        isThere = false;
        return ref part.Add(key, spread);
    }

    /// <summary>Takes a value of a key out; false when it has no such value.</summary>
    public bool Remove(TKey key, TValue value)
    {
        var spread = Spread(key);
        var slots = PartOf(spread).Slots;
        for (var at = First(slots, spread); slots[at].IsTaken; at = After(slots, at))
        {
            if (slots[at].Key == key && slots[at].Value == value)
            {
                PartOf(spread).RemoveAt(at);
                return true;
            }
        }

        return false;
    }

    public void Clear() => Array.ForEach(_parts, part => part.Clear());

    private static ulong Spread(TKey key)
    {
        var mixed = unchecked(ulong.CreateTruncating(key) * s_spread);
        return unchecked((mixed ^ (mixed >> 32)) * s_spread);
    }

    private Part PartOf(ulong spread) => _parts[spread >> (64 - PartBits)];

    private static int First(Slot[] slots, ulong spread) => (int)((spread >> 20) & (ulong)(slots.Length - 1));

    private static int After(Slot[] slots, int at) => (at + 1) & (slots.Length - 1);

    internal struct Slot
    {
        public TKey Key;
        public TValue Value;

        public readonly bool IsTaken => Value != TValue.Zero;
    }

    /// <summary>The values of one key.</summary>
    internal ref struct Found(Slot[] slots, TKey key, ulong spread)
    {
        private int _at = First(slots, spread);

        public TValue Current { get; private set; }

        public readonly Found GetEnumerator() => this;

        public bool MoveNext()
        {
            for (; slots[_at].IsTaken; _at = After(slots, _at))
            {
                if (slots[_at].Key == key)
                {
                    Current = slots[_at].Value;
                    _at = After(slots, _at);
                    return true;
                }
            }

            return false;
        }
    }

    private sealed class Part
    {
        public int Count { get; private set; }

        public Lock Lock { get; } = new();

        public Slot[] Slots { get; private set; } = new Slot[Least];

        public ref TValue Add(TKey key, ulong spread)
        {
            if (++Count > Slots.Length / 4 * 3)
            {
                var before = Slots;
                Slots = new Slot[before.Length * 2];
                foreach (var slot in before)
                {
                    if (slot.IsTaken)
                    {
                        Put(slot, Spread(slot.Key));
                    }
                }
            }

            return ref Put(new Slot { Key = key }, spread);
        }

        // What stands behind the gap is put anew, so that no search ends before it.
        public void RemoveAt(int gap)
        {
            Count--;
            Slots[gap] = default;
            for (var at = After(Slots, gap); Slots[at].IsTaken; at = After(Slots, at))
            {
                var slot = Slots[at];
                Slots[at] = default;
                Put(slot, Spread(slot.Key));
            }
        }

        public void Clear() => (Slots, Count) = (new Slot[Least], 0);

        private ref TValue Put(Slot slot, ulong spread)
        {
            var at = First(Slots, spread);
            while (Slots[at].IsTaken)
            {
                at = After(Slots, at);
            }

            Slots[at] = slot;
            return ref Slots[at].Value;
        }
    }
}
