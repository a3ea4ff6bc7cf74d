namespace Probity.Screening.Matching;

/// <summary>Finds words within one or two edits: both sides are looked up with one or two letters left out.</summary>
/// <remarks>
/// The deletion neighbourhood of the first <see cref="Prefix"/> letters (SymSpell): a word within two edits of another
/// shares with it at least one deletion of that prefix, so nothing within the bound is missed. What is found shares a
/// hash and is compared afterwards. Two flat arrays, no objects; safe for all threads once built.
/// </remarks>
internal sealed class DeletionIndex
{
    /// <summary>How many letters are looked at.</summary>
    public const int Prefix = 7;

    private readonly int[] _starts;
    private readonly uint[] _hashes;
    private readonly int[] _ids;
    private readonly ulong[] _signs;
    private readonly int _shift;

    private DeletionIndex(int[] starts, uint[] hashes, int[] ids, ulong[] signs, int shift)
    {
        _starts = starts;
        _hashes = hashes;
        _ids = ids;
        _signs = signs;
        _shift = shift;
    }

    /// <summary>Builds the index; the number of a word is its place in the list.</summary>
    /// <param name="words">The words.</param>
    /// <param name="edits">Gets 0, 1 or 2 for a word, or -1 to leave it out.</param>
    /// <param name="sign">Gets the <see cref="WordSign"/> of a word by its number; null to rule none out.</param>
    public static DeletionIndex Build(
        IReadOnlyList<string> words, Func<string, int> edits, Func<int, ulong>? sign = null)
    {
        var pairs = new List<ulong>(words.Count * 12);
        Span<uint> hashes = stackalloc uint[64];
        for (var id = 0; id < words.Count; id++)
        {
            var count = edits(words[id]) is var depth and >= 0 ? Neighbourhood(words[id], depth, hashes) : 0;
            for (var i = 0; i < count; i++)
            {
                pairs.Add(((ulong)hashes[i] << 32) | (uint)id);
            }
        }

        pairs.Sort();
        var bits = 4;
        while (1 << bits < pairs.Count && bits < 20)
        {
            bits++;
        }

        return FromSorted(pairs, bits, sign);
    }

    /// <summary>Lists the numbers of the words that share a deletion with this one; may repeat a number.</summary>
    public void Find(ReadOnlySpan<char> word, int edits, List<int> found) =>
        Find(word, edits, WordSign.Any, 0, found);

    /// <summary>The same without those whose sign says that they are farther than a number of edits.</summary>
    public void Find(ReadOnlySpan<char> word, int edits, ulong sign, int most, List<int> found)
    {
        Span<uint> hashes = stackalloc uint[64];
        var count = Neighbourhood(word, edits, hashes);
        for (var i = 0; i < count; i++)
        {
            var hash = hashes[i];
            var bucket = (int)(hash >> _shift);
            for (var at = _starts[bucket]; at < _starts[bucket + 1]; at++)
            {
                if (_hashes[at] == hash)
                {
                    if (_signs.Length == 0 || !WordSign.IsFarther(sign, _signs[at], most))
                    {
                        found.Add(_ids[at]);
                    }
                }
                else if (_hashes[at] > hash)
                {
                    break;
                }
            }
        }
    }

    private static DeletionIndex FromSorted(List<ulong> pairs, int bits, Func<int, ulong>? sign)
    {
        var signs = new ulong[sign is null ? 0 : pairs.Count];
        var (hashes, ids, starts) = (new uint[pairs.Count], new int[pairs.Count], new int[(1 << bits) + 1]);
        for (var i = 0; i < pairs.Count; i++)
        {
            hashes[i] = (uint)(pairs[i] >> 32);
            ids[i] = (int)(pairs[i] & 0xffffffff);
            starts[(hashes[i] >> (32 - bits)) + 1]++;
            if (sign is not null)
            {
                signs[i] = sign(ids[i]);
            }
        }

        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] += starts[i - 1];
        }

        return new DeletionIndex(starts, hashes, ids, signs, 32 - bits);
    }

    private static int Neighbourhood(ReadOnlySpan<char> word, int edits, Span<uint> hashes)
    {
        word = word.Length > Prefix ? word[..Prefix] : word;
        var count = 0;
        Add(hashes, ref count, Hash(word, -1, -1));
        for (var i = 0; i < word.Length && edits > 0; i++)
        {
            Add(hashes, ref count, Hash(word, i, -1));
            for (var j = i + 1; j < word.Length && edits > 1; j++)
            {
                Add(hashes, ref count, Hash(word, i, j));
            }
        }

        return count;
    }

    private static void Add(Span<uint> hashes, ref int count, uint hash)
    {
        if (!hashes[..count].Contains(hash))
        {
            hashes[count++] = hash;
        }
    }

    // FNV-1a with a final mix, so that the high bits spread over the buckets.
    private static uint Hash(ReadOnlySpan<char> word, int skip, int skipToo)
    {
        unchecked
        {
            var hash = 2166136261u;
            for (var i = 0; i < word.Length; i++)
            {
                if (i != skip && i != skipToo)
                {
                    hash = (hash ^ word[i]) * 16777619u;
                }
            }

            hash ^= hash >> 15;
            hash *= 2246822519u;
            return hash ^ (hash >> 13);
        }
    }
}
