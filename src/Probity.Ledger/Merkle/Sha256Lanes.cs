using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lanes = System.Runtime.Intrinsics.Vector512<uint>;

namespace Probity.Ledger.Merkle;

/// <summary>
/// The compression function of SHA-256 (FIPS 180-4 §6.2.2) for sixteen independent messages at once: word n of every
/// message lies in vector n. Where many messages wait, as in an audit, this is faster than one after another with the
/// processor's SHA instructions. Used where AVX-512 is there and the result agrees with <see cref="Sha256"/> on known
/// input; PROBITY_PLATFORM_SHA256=1 switches it off too. Decision record 0032.
/// </summary>
internal static unsafe class Sha256Lanes
{
    public const int Count = 16;
    public const int BlockBytes = 64;

    private const int StateWords = 8;
    private const int Rounds = 64;

    // The truth tables of §4.1.2 for vpternlogd: a xor b xor c; choose; majority.
    private const byte Xor = 0x96;
    private const byte Choose = 0xCA;
    private const byte Majority = 0xE8;

    private static readonly uint[] s_initial =
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    private static readonly uint[] s_constants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>Whether the processor has the instructions and SHA-256 is not left to the runtime.</summary>
    public static bool IsSupported { get; } = Avx512BW.IsSupported && Sha256.IsNative && AgreesWithOne();

    /// <summary>Hashes sixteen padded messages that lie at equal distances.</summary>
    /// <param name="messages">The first message; each is padded as §5.1.1 says.</param>
    /// <param name="stride">Bytes from one message to the next.</param>
    /// <param name="blocks">The blocks of each message, 1 or more, for all sixteen lanes.</param>
    /// <param name="digests">Sixteen places.</param>
    [SkipLocalsInit]
    public static void Hash(byte* messages, int stride, ReadOnlySpan<int> blocks, Span<Digest> digests)
    {
        var state = stackalloc Lanes[StateWords];
        var words = stackalloc Lanes[Count];
        var places = stackalloc byte*[Count];
        for (var word = 0; word < StateWords; word++)
        {
            state[word] = Vector512.Create(s_initial[word]);
        }

        var most = 0;
        for (var lane = 0; lane < Count; lane++)
        {
            most = Math.Max(most, blocks[lane]);
        }

        var ends = Vector512.Create(blocks).AsUInt32();
        for (var block = 0; block < most; block++)
        {
            for (var lane = 0; lane < Count; lane++)
            {
                places[lane] = messages + ((nint)lane * stride) + (Math.Min(block, blocks[lane] - 1) * BlockBytes);
            }

            Transpose(places, words);
            Compress(state, words, Vector512.GreaterThan(ends, Vector512.Create((uint)block)));
        }

        var found = (uint*)state;
        for (var lane = 0; lane < Count; lane++)
        {
            var to = MemoryMarshal.AsBytes(digests.Slice(lane, 1));
            for (var word = 0; word < StateWords; word++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(to[(word * sizeof(uint))..], found[(word * Count) + lane]);
            }
        }
    }

    /// <summary>Sixty-four rounds; a message that has ended keeps its state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(Lanes* state, Lanes* w, Lanes isRunning)
    {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        var (e, f, g, h) = (state[4], state[5], state[6], state[7]);
        fixed (uint* constants = s_constants)
        {
            for (var round = 0; round < Rounds; round += Count)
            {
                if (round > 0)
                {
                    Extend(w);
                }

                for (var i = 0; i < Count; i += StateWords)
                {
                    var k = constants + round + i;
                    Round(a, b, c, ref d, e, f, g, ref h, w[i], k[0]);
                    Round(h, a, b, ref c, d, e, f, ref g, w[i + 1], k[1]);
                    Round(g, h, a, ref b, c, d, e, ref f, w[i + 2], k[2]);
                    Round(f, g, h, ref a, b, c, d, ref e, w[i + 3], k[3]);
                    Round(e, f, g, ref h, a, b, c, ref d, w[i + 4], k[4]);
                    Round(d, e, f, ref g, h, a, b, ref c, w[i + 5], k[5]);
                    Round(c, d, e, ref f, g, h, a, ref b, w[i + 6], k[6]);
                    Round(b, c, d, ref e, f, g, h, ref a, w[i + 7], k[7]);
                }
            }
        }

        Add(state, a, b, c, d, isRunning);
        Add(state + 4, e, f, g, h, isRunning);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Lanes* state, Lanes a, Lanes b, Lanes c, Lanes d, Lanes isRunning)
    {
        state[0] += a & isRunning;
        state[1] += b & isRunning;
        state[2] += c & isRunning;
        state[3] += d & isRunning;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        Lanes a, Lanes b, Lanes c, ref Lanes d, Lanes e, Lanes f, Lanes g, ref Lanes h, Lanes word, uint constant)
    {
        var first = h + Avx512F.TernaryLogic(Turn(e, 6), Turn(e, 11), Turn(e, 25), Xor)
            + Avx512F.TernaryLogic(e, f, g, Choose) + (word + Vector512.Create(constant));
        d += first;
        h = first + Avx512F.TernaryLogic(Turn(a, 2), Turn(a, 13), Turn(a, 22), Xor)
            + Avx512F.TernaryLogic(a, b, c, Majority);
    }

    /// <summary>The next sixteen words of the message schedule.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(Lanes* w)
    {
        for (var i = 0; i < Count; i++)
        {
            var (next, last) = (w[(i + 1) & 15], w[(i + 14) & 15]);
            w[i] += w[(i + 9) & 15]
                + Avx512F.TernaryLogic(Turn(next, 7), Turn(next, 18), Avx512F.ShiftRightLogical(next, 3), Xor)
                + Avx512F.TernaryLogic(Turn(last, 17), Turn(last, 19), Avx512F.ShiftRightLogical(last, 10), Xor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Turn(Lanes value, [ConstantExpected] byte bits) => Avx512F.RotateRight(value, bits);

    /// <summary>Loads one block of each message: word n of all of them into vector n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private static void Transpose(byte** blocks, Lanes* words)
    {
        var quads = stackalloc Lanes[Count];
        for (var i = 0; i < Count; i += 4)
        {
            var (r0, r1, r2, r3) = (Load(blocks[i]), Load(blocks[i + 1]), Load(blocks[i + 2]), Load(blocks[i + 3]));
            var (low01, high01) = (Avx512F.UnpackLow(r0, r1).AsUInt64(), Avx512F.UnpackHigh(r0, r1).AsUInt64());
            var (low23, high23) = (Avx512F.UnpackLow(r2, r3).AsUInt64(), Avx512F.UnpackHigh(r2, r3).AsUInt64());
            quads[i] = Avx512F.UnpackLow(low01, low23).AsUInt32();
            quads[i + 1] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
            quads[i + 2] = Avx512F.UnpackLow(high01, high23).AsUInt32();
            quads[i + 3] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
        }

        // Quarter q of quads[4n + j] holds word 4q + j of the messages 4n to 4n + 3.
        for (var j = 0; j < 4; j++)
        {
            var left = Avx512F.Shuffle4x128(quads[j], quads[4 + j], 0x44);
            var right = Avx512F.Shuffle4x128(quads[8 + j], quads[12 + j], 0x44);
            words[j] = Avx512F.Shuffle4x128(left, right, 0x88);
            words[4 + j] = Avx512F.Shuffle4x128(left, right, 0xDD);
            left = Avx512F.Shuffle4x128(quads[j], quads[4 + j], 0xEE);
            right = Avx512F.Shuffle4x128(quads[8 + j], quads[12 + j], 0xEE);
            words[8 + j] = Avx512F.Shuffle4x128(left, right, 0x88);
            words[12 + j] = Avx512F.Shuffle4x128(left, right, 0xDD);
        }
    }

    /// <summary>A block as sixteen words of the processor's byte order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes Load(byte* block)
    {
        var reversed = Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
        var half = Vector256.Create(reversed, reversed);
        return Avx512BW.Shuffle(Vector512.Load(block), Vector512.Create(half, half)).AsUInt32();
    }

    private static bool AgreesWithOne()
    {
        using var hasher = new LeafHasher(isLaned: true);
        var probe = new byte[1_000];
        for (var i = 0; i < probe.Length; i++)
        {
            probe[i] = (byte)((i * 7) & byte.MaxValue);
        }

        const int Messages = 40;
        var digests = new Digest[Messages];
        for (var i = 0; i < Messages; i++)
        {
            hasher.Add(probe.AsSpan(0, i * 25), i, digests);
        }

        hasher.Finish(digests);
        for (var i = 0; i < Messages; i++)
        {
            if (digests[i] != MerkleHash.Leaf(probe.AsSpan(0, i * 25)))
            {
                return false;
            }
        }

        return true;
    }
}
