using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Probity.Ledger.Json;

/// <summary>
/// Puts the members of one object in the order of RFC 8785 §3.2.3, as a chain through the tape. Equal names end up side
/// by side, so the same pass finds duplicates, in n log n steps for a hostile object.
/// </summary>
internal static class MemberOrder
{
    private const int SmallObject = 16;

    /// <summary>
    /// Chains the names of the object at <paramref name="index"/>, whose content ends the tape.
    /// </summary>
    /// <param name="json">The text.</param>
    /// <param name="tokens">The tape, filled to the end of the object.</param>
    /// <param name="index">The object.</param>
    /// <param name="count">Its number of members, at least 2.</param>
    /// <param name="isInOrder">Whether the text has the members in order already.</param>
    /// <returns>The index of the first name that repeats one before it, or 0 when there is none.</returns>
    [SkipLocalsInit]
    public static int Chain(ReadOnlySpan<byte> json, Span<JsonToken> tokens, int index, int count, out bool isInOrder)
    {
        if (count <= SmallObject)
        {
            Span<MemberKey> few = stackalloc MemberKey[SmallObject];
            few = few[..count];
            Collect(json, tokens, index, few);
            isInOrder = InsertionSort(json, tokens, few);
            return Link(json, tokens, index, few);
        }

        var rented = ArrayPool<MemberKey>.Shared.Rent(count);
        var many = rented.AsSpan(0, count);
        Collect(json, tokens, index, many);
        isInOrder = IsSorted(json, tokens, many);
        if (!isInOrder)
        {
            HeapSort(json, tokens, many);
        }

        var repeated = Link(json, tokens, index, many);
        ArrayPool<MemberKey>.Shared.Return(rented);
        return repeated;
    }

    private static void Collect(
        ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, int index, Span<MemberKey> keys)
    {
        var name = index + 1;
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = MemberKey.Of(json, tokens[name], name);
            name = tokens[name + 1].Next;
        }
    }

    private static bool InsertionSort(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, Span<MemberKey> keys)
    {
        var isInOrder = true;
        for (var i = 1; i < keys.Length; i++)
        {
            var key = keys[i];
            var to = i;
            while (to > 0 && IsAfter(json, tokens, keys[to - 1], key))
            {
                keys[to] = keys[to - 1];
                to--;
            }

            keys[to] = key;
            isInOrder &= to == i;
        }

        return isInOrder;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAfter(
        ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, in MemberKey left, in MemberKey right)
        => left.IsSettledBy(right) ? left.Prefix > right.Prefix : Compare(json, tokens, left, right) > 0;

    private static bool IsSorted(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, ReadOnlySpan<MemberKey> keys)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            if (Compare(json, tokens, keys[i - 1], keys[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The sort of the library would box a comparer that cannot hold spans; this one allocates nothing.
    /// </summary>
    private static void HeapSort(ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, Span<MemberKey> keys)
    {
        for (var root = (keys.Length / 2) - 1; root >= 0; root--)
        {
            SiftDown(json, tokens, keys, root);
        }

        for (var end = keys.Length - 1; end > 0; end--)
        {
            (keys[0], keys[end]) = (keys[end], keys[0]);
            SiftDown(json, tokens, keys[..end], 0);
        }
    }

    private static void SiftDown(
        ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, Span<MemberKey> keys, int root)
    {
        while (true)
        {
            var child = (root * 2) + 1;
            if (child >= keys.Length)
            {
                return;
            }

            if (child + 1 < keys.Length && Compare(json, tokens, keys[child], keys[child + 1]) < 0)
            {
                child++;
            }

            if (Compare(json, tokens, keys[root], keys[child]) >= 0)
            {
                return;
            }

            (keys[root], keys[child]) = (keys[child], keys[root]);
            root = child;
        }
    }

    /// <summary>The order of the names; of equal names, the one that comes first in the text.</summary>
    private static int Compare(
        ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, in MemberKey left, in MemberKey right)
    {
        var order = CompareNames(json, tokens, left, right);
        return order != 0 ? order : left.Name.CompareTo(right.Name);
    }

    private static int CompareNames(
        ReadOnlySpan<byte> json, ReadOnlySpan<JsonToken> tokens, in MemberKey left, in MemberKey right)
    {
        if (left.IsSettledBy(right))
        {
            return left.Prefix < right.Prefix ? -1 : 1;
        }

        return JsonText.Compare(json, tokens[left.Name], tokens[right.Name]);
    }

    private static int Link(
        ReadOnlySpan<byte> json, Span<JsonToken> tokens, int index, ReadOnlySpan<MemberKey> keys)
    {
        var repeated = 0;
        tokens[index].Link = keys[0].Name;
        for (var i = 1; i < keys.Length; i++)
        {
            tokens[keys[i - 1].Name].Link = keys[i].Name;
            if (!keys[i - 1].IsSettledBy(keys[i])
                && CompareNames(json, tokens, keys[i - 1], keys[i]) == 0
                && (repeated == 0 || keys[i].Name < repeated))
            {
                repeated = keys[i].Name;
            }
        }

        return repeated;
    }

    /// <summary>A name with its first eight bytes at hand, which settle most comparisons.</summary>
    private readonly struct MemberKey
    {
        private const ulong HighBits = 0x8080808080808080;

        private MemberKey(ulong prefix, int name, bool isPlain)
        {
            Prefix = prefix;
            Name = name;
            IsPlain = isPlain;
        }

        public ulong Prefix { get; }

        public int Name { get; }

        /// <summary>Whether the prefix is ASCII without escapes, so that its order is the order of the name.</summary>
        public bool IsPlain { get; }

        /// <summary>Whether the prefixes alone tell which name comes first.</summary>
        public bool IsSettledBy(in MemberKey other) => Prefix != other.Prefix && IsPlain && other.IsPlain;

        public static MemberKey Of(ReadOnlySpan<byte> json, in JsonToken token, int name)
        {
            var length = token.Length - 2;
            var start = token.Start + 1;
            ulong prefix;
            if (start > json.Length - sizeof(ulong))
            {
                prefix = Padded(json.Slice(start, Math.Min(length, sizeof(ulong))));
            }
            else
            {
                // Reads on behind a short name, then clears what does not belong to it; no name holds a raw NUL.
                prefix = BinaryPrimitives.ReadUInt64BigEndian(json[start..]);
                prefix = length >= sizeof(ulong) ? prefix : prefix & ~(ulong.MaxValue >> (8 * length));
            }

            return new MemberKey(prefix, name, (prefix & HighBits) == 0 && !token.Has(TokenFlags.Escaped));
        }

        /// <summary>A short name so near the end of the text that eight bytes do not follow.</summary>
        private static ulong Padded(ReadOnlySpan<byte> name)
        {
            Span<byte> padded = stackalloc byte[sizeof(ulong)];
            padded.Clear();
            name.CopyTo(padded);
            return BinaryPrimitives.ReadUInt64BigEndian(padded);
        }
    }
}
