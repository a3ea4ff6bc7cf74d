using System.Buffers.Binary;

namespace Probity.Ledger.Merkle;

/// <summary>Hashes of nodes (RFC 6962 §2.1) that lie side by side, sixteen together where the processor can.</summary>
internal sealed unsafe class NodeHasher
{
    private const byte NodePrefix = 0x01;
    private const int PairBytes = 2 * Digest.Length;
    private const int Stride = 2 * Sha256Lanes.BlockBytes;

    [ThreadStatic]
    private static NodeHasher? t_own;

    // Pinned, so that its place can be handed on. The padding of FIPS 180-4 §5.1.1 is the same for every node.
    private readonly byte[] _messages =
        GC.AllocateArray<byte>(Stride * Sha256Lanes.Count, pinned: true);
    private readonly int[] _blocks = new int[Sha256Lanes.Count];
    private readonly Digest[] _digests = new Digest[Sha256Lanes.Count];

    private NodeHasher()
    {
        Array.Fill(_blocks, Stride / Sha256Lanes.BlockBytes);
        for (var lane = 0; lane < Sha256Lanes.Count; lane++)
        {
            var message = _messages.AsSpan(lane * Stride, Stride);
            message[0] = NodePrefix;
            message[1 + PairBytes] = 0x80;
            BinaryPrimitives.WriteUInt64BigEndian(message[^sizeof(ulong)..], (1 + PairBytes) * 8);
        }
    }

    /// <summary>Hashes pairs of digests into the digests of their parents.</summary>
    /// <param name="pairs">The pairs, one behind the other.</param>
    /// <param name="parents">Half as many bytes; may be where the pairs begin.</param>
    public static void Hash(ReadOnlySpan<byte> pairs, Span<byte> parents)
    {
        const int Together = Sha256Lanes.Count * PairBytes;
        while (pairs.Length >= Together && Sha256Lanes.IsSupported)
        {
            (t_own ??= new NodeHasher()).HashTogether(pairs[..Together], parents);
            pairs = pairs[Together..];
            parents = parents[(Together / 2)..];
        }

        for (; !pairs.IsEmpty; pairs = pairs[PairBytes..], parents = parents[Digest.Length..])
        {
            Sha256.Hash(NodePrefix, pairs[..PairBytes]).CopyTo(parents);
        }
    }

    private void HashTogether(ReadOnlySpan<byte> pairs, Span<byte> parents)
    {
        for (var lane = 0; lane < Sha256Lanes.Count; lane++)
        {
            pairs.Slice(lane * PairBytes, PairBytes).CopyTo(_messages.AsSpan((lane * Stride) + 1));
        }

        fixed (byte* messages = _messages)
        {
            Sha256Lanes.Hash(messages, Stride, _blocks, _digests);
        }

        for (var lane = 0; lane < Sha256Lanes.Count; lane++)
        {
            _digests[lane].CopyTo(parents[(lane * Digest.Length)..]);
        }
    }
}
