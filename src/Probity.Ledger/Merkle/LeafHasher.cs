using System.Buffers.Binary;

namespace Probity.Ledger.Merkle;

/// <summary>
/// Leaf hashes of many entries (RFC 6962 §2.1): gathers them by length and hashes sixteen together where the processor
/// can. Not thread safe.
/// </summary>
internal sealed unsafe class LeafHasher : IDisposable
{
    /// <summary>Longer entries are hashed alone: few of them would ever lie side by side.</summary>
    public const int MostBytes = (MostBlocks * Sha256Lanes.BlockBytes) - Overhead;

    private const int MostBlocks = 32;
    private const int BlocksPerClass = 4;
    private const int LengthBytes = 8;
    private const int Overhead = 1 + 1 + LengthBytes; // Leaf prefix, first bit of the padding, length.

    /// <summary>With fewer messages than this, one after another is faster.</summary>
    private const int WorthIt = 10;

    [ThreadStatic]
    private static LeafHasher? t_spare;

    private readonly Gathered?[] _classes = new Gathered?[MostBlocks / BlocksPerClass];
    private readonly bool _isLaned;

    internal LeafHasher(bool isLaned) => _isLaned = isLaned;

    /// <summary>One of this thread's; disposing keeps it for the next.</summary>
    public static LeafHasher Rent()
    {
        var spare = t_spare ?? new LeafHasher(Sha256Lanes.IsSupported);
        t_spare = null;
        return spare;
    }

    /// <summary>Takes an entry; its hash is there after <see cref="Finish"/> at the latest.</summary>
    /// <param name="entry">The bytes; copied.</param>
    /// <param name="index">Where its hash goes.</param>
    /// <param name="digests">The hashes, the same array for every call up to <see cref="Finish"/>.</param>
    public void Add(ReadOnlySpan<byte> entry, int index, Span<Digest> digests)
    {
        if (!_isLaned || entry.Length > MostBytes)
        {
            digests[index] = MerkleHash.Leaf(entry);
            return;
        }

        var blocks = (entry.Length + Overhead + Sha256Lanes.BlockBytes - 1) / Sha256Lanes.BlockBytes;
        var number = (blocks - 1) / BlocksPerClass;
        var gathered = _classes[number] ??= new Gathered((number + 1) * BlocksPerClass * Sha256Lanes.BlockBytes);
        if (gathered.Take(entry, blocks, index))
        {
            gathered.Hash(digests);
        }
    }

    /// <summary>Hashes what still waits.</summary>
    public void Finish(Span<Digest> digests)
    {
        foreach (var gathered in _classes)
        {
            gathered?.Hash(digests);
        }
    }

    public void Dispose() => t_spare = this;

    /// <summary>Padded messages of about the same length, one behind the other.</summary>
    private sealed class Gathered(int stride)
    {
        // Pinned, so that its place can be handed on.
        private readonly byte[] _messages =
            GC.AllocateUninitializedArray<byte>(stride * Sha256Lanes.Count, pinned: true);
        private readonly int[] _blocks = new int[Sha256Lanes.Count];
        private readonly int[] _lengths = new int[Sha256Lanes.Count];
        private readonly int[] _indexes = new int[Sha256Lanes.Count];
        private readonly Digest[] _digests = new Digest[Sha256Lanes.Count];
        private int _count;

        /// <summary>Writes a message, padded as FIPS 180-4 §5.1.1 says; true when there is no more room.</summary>
        public bool Take(ReadOnlySpan<byte> entry, int blocks, int index)
        {
            var message = _messages.AsSpan(_count * stride, blocks * Sha256Lanes.BlockBytes);
            message[0] = MerkleHash.LeafPrefix;
            entry.CopyTo(message[1..]);
            var length = entry.Length + 1;
            message[length] = 0x80;
            message[(length + 1)..].Clear();
            BinaryPrimitives.WriteUInt64BigEndian(message[^LengthBytes..], (ulong)length * 8);
            (_blocks[_count], _lengths[_count], _indexes[_count]) = (blocks, length, index);
            return ++_count == Sha256Lanes.Count;
        }

        public void Hash(Span<Digest> digests)
        {
            if (_count >= WorthIt)
            {
                HashTogether();
            }

            for (var i = 0; i < _count; i++)
            {
                digests[_indexes[i]] = _count >= WorthIt
                    ? _digests[i]
                    : Sha256.Hash(_messages.AsSpan(i * stride, _lengths[i]));
            }

            _count = 0;
        }

        private void HashTogether()
        {
            _blocks.AsSpan(_count).Fill(1); // Lanes without a message hash what lies there; nobody looks.
            fixed (byte* messages = _messages)
            {
                Sha256Lanes.Hash(messages, stride, _blocks, _digests);
            }
        }
    }
}
