using System.Numerics;

namespace Probity.Server.AuditTrail.Query.Segments;

/// <summary>A set of events of one segment, one bit an event, by offset from the segment's first sequence number.</summary>
internal sealed class EventBits(int length)
{
    private readonly ulong[] _words = new ulong[(length + 63) / 64];

    public int Length => length;

    public bool IsEmpty => !_words.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>How many offsets are set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var word in _words)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public bool this[int offset] => (_words[offset >> 6] & (1UL << offset)) != 0;

    public void Set(int offset) => _words[offset >> 6] |= 1UL << offset;

    /// <summary>Sets the offsets from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public void SetRange(int first, int last)
    {
        for (var at = first; at <= last;)
        {
            if ((at & 63) == 0 && last - at >= 63)
            {
                _words[at >> 6] = ulong.MaxValue;
                at += 64;
            }
            else
            {
                Set(at++);
            }
        }
    }

    /// <summary>Sets the bits of whole bytes, the first of which starts at offset <paramref name="firstByte"/> x 8.</summary>
    public void SetBytes(int firstByte, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var at = firstByte + i;
            _words[at >> 3] |= (ulong)bytes[i] << ((at & 7) * 8);
        }
    }

    public void And(EventBits other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= other._words[i];
        }
    }

    public void AndNot(EventBits other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= ~other._words[i];
        }
    }

    public void Or(EventBits other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] |= other._words[i];
        }
    }

    /// <summary>The set offsets up to <paramref name="last"/>, the highest first.</summary>
    public IEnumerable<int> Descending(int last)
    {
        for (var word = _words.Length - 1; word >= 0; word--)
        {
            for (var bits = _words[word]; bits != 0;)
            {
                var bit = 63 - BitOperations.LeadingZeroCount(bits);
                bits &= ~(1UL << bit);
                var offset = (word << 6) + bit;
                if (offset <= last)
                {
                    yield return offset;
                }
            }
        }
    }
}
