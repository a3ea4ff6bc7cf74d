using System.Buffers;
using System.Runtime.InteropServices;
using Npgsql;
using Probity.Ledger.Verification;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// Entry rows as they lie in the store, in pooled memory: two arrays a row would make reading wait for the collector.
/// Disposing gives the memory back; rows that are kept for longer are simply not disposed. Not thread safe.
/// </summary>
internal sealed class RawRows(int most) : IDisposable
{
    private const int PieceBytes = 256 * 1024;
    private readonly List<byte[]> _pieces = [];
    private AuditedEntry[] _rows = ArrayPool<AuditedEntry>.Shared.Rent(most);
    private Memory<byte> _free;

    public int Count { get; private set; }

    public ReadOnlyMemory<AuditedEntry> Entries => _rows.AsMemory(0, Count);

    public void Add(long row, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> body) =>
        _rows[Count++] = new AuditedEntry(row, Keep(hash), Keep(body));

    /// <summary>Takes seq, hash and body of the row that the reader stands on.</summary>
    public void Add(NpgsqlDataReader reader) =>
        _rows[Count++] = new AuditedEntry(reader.GetInt64(0), Keep(reader, 1), Keep(reader, 2));

    public void Dispose()
    {
        foreach (var piece in _pieces)
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        _pieces.Clear();
        if (_rows.Length > 0)
        {
            ArrayPool<AuditedEntry>.Shared.Return(_rows);
        }

        (_rows, Count, _free) = ([], 0, default);
    }

    private Memory<byte> Keep(ReadOnlySpan<byte> value)
    {
        var copy = Take(value.Length);
        value.CopyTo(copy.Span);
        return copy;
    }

    private Memory<byte> Keep(NpgsqlDataReader reader, int column)
    {
        var copy = Take((int)reader.GetBytes(column, 0, null, 0, 0));
        if (MemoryMarshal.TryGetArray<byte>(copy, out var place) && place.Count > 0)
        {
            reader.GetBytes(column, 0, place.Array, place.Offset, place.Count);
        }

        return copy;
    }

    private Memory<byte> Take(int length)
    {
        if (length > _free.Length)
        {
            var piece = ArrayPool<byte>.Shared.Rent(Math.Max(length, PieceBytes));
            _pieces.Add(piece);
            _free = piece;
        }

        var taken = _free[..length];
        _free = _free[length..];
        return taken;
    }
}
