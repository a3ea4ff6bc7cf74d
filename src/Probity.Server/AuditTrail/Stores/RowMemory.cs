namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// Memory for the rows of one reading, in pieces that hold many rows: two arrays a row would make reading wait for the
/// collector. Each piece is below the size from which arrays live until a full collection. Not thread safe.
/// </summary>
internal sealed class RowMemory
{
    private const int PieceBytes = 64 * 1024;
    private Memory<byte> _free;

    /// <summary>Room that is nobody else's; its content is undefined.</summary>
    public Memory<byte> Take(int length)
    {
        if (length > _free.Length)
        {
            _free = GC.AllocateUninitializedArray<byte>(Math.Max(length, PieceBytes));
        }

        var taken = _free[..length];
        _free = _free[length..];
        return taken;
    }

    /// <summary>A copy of a value.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> value)
    {
        var copy = Take(value.Length);
        value.CopyTo(copy.Span);
        return copy;
    }
}
