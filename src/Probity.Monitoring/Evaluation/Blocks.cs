using System.Numerics;
using System.Runtime.CompilerServices;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// Room for what logs hold, cut from large arrays: millions of small arrays would each be found, moved and pointed at
/// by the collector, and it does nothing of that for these. What is given back is taken again. One thread.
/// </summary>
/// <typeparam name="T">What is held.</typeparam>
internal sealed class Blocks<T>
    where T : struct
{
    private const int LeastPiece = 256;
    private const int MostPieceBytes = 4 << 20;

    // Four sizes to each power of two.
    private const int Kinds = 4 * 32;

    private static readonly int s_mostPiece = MostPieceBytes / Unsafe.SizeOf<T>();

    // A power of two, so that no size is rounded up beyond it: what is longer is not taken again.
    private static readonly int s_most = (int)(BitOperations.RoundUpToPowerOf2((uint)(s_mostPiece / 4) + 1) / 2);

    private readonly Stack<Block<T>>?[] _free = new Stack<Block<T>>?[Kinds];
    private T[] _piece = [];
    private int _used;

    /// <summary>
    /// Takes a block with room for so many, 1 or more, or for up to a quarter more. It is empty, or as it was when it
    /// was given back.
    /// </summary>
    public Block<T> Take(int least)
    {
        if (least > s_most)
        {
            return new Block<T>(new T[least], 0, least); // It would leave much of a piece unused.
        }

        var (kind, length) = SizeOf(least);
        if (_free[kind] is { Count: > 0 } free)
        {
            return free.Pop();
        }

        if (_piece.Length - _used < length)
        {
            var next = Math.Clamp(_piece.Length * 2, LeastPiece, s_mostPiece);
            (_piece, _used) = (new T[Math.Max(next, length)], 0);
        }

        _used += length;
        return new Block<T>(_piece, _used - length, length);
    }

    /// <summary>Gives back a block, of these or of others; nobody looks at it any more.</summary>
    public void Give(Block<T> block)
    {
        if (block.Length is > 0 and var length && length <= s_most)
        {
            (_free[SizeOf(length).Kind] ??= new Stack<Block<T>>()).Push(block);
        }
    }

    private static (int Kind, int Length) SizeOf(int least)
    {
        if (least <= 4)
        {
            return (least, least);
        }

        var step = BitOperations.Log2((uint)least - 1) - 2;
        var quarters = ((least - 1) >> step) + 1;
        return ((step * 4) + quarters, quarters << step);
    }
}

/// <summary>A run of places in an array; the default has none.</summary>
/// <typeparam name="T">What is held.</typeparam>
/// <param name="piece">The array.</param>
/// <param name="at">The first place.</param>
/// <param name="length">How many.</param>
internal readonly struct Block<T>(T[] piece, int at, int length)
    where T : struct
{
    /// <summary>How many places it has.</summary>
    public int Length => length;

    /// <summary>All of them.</summary>
    public Span<T> Span => piece.AsSpan(at, length);

    /// <summary>One of them, from 0.</summary>
    public ref T this[int index] => ref piece[at + index];
}

/// <summary>What the logs that one thread adds to or asks are cut from.</summary>
internal sealed class LogRoom
{
    /// <summary>For events.</summary>
    public Blocks<LoggedEvent> Events { get; } = new();

    /// <summary>For which aggregates the values are of.</summary>
    public Blocks<ushort> Slots { get; } = new();

    /// <summary>For values, given back empty.</summary>
    public Blocks<WindowState> States { get; } = new();
}
