using System.Buffers;

namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>A sliding window over a stream that knows the byte offset and line of its first byte.</summary>
internal sealed class SourceWindow(Stream stream) : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(2 * ReadBytes);
    private int start;
    private int end;

    /// <summary>Gets the offset in the stream of the first byte of <see cref="Bytes"/>.</summary>
    public long Offset { get; private set; }

    /// <summary>Gets the line of the first byte of <see cref="Bytes"/>, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Gets whether the stream has ended; <see cref="Bytes"/> may still hold its last part.</summary>
    public bool Completed { get; private set; }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(start, end - start);

    public ReadOnlySpan<byte> Span => buffer.AsSpan(start, end - start);

    /// <summary>Gives up the first <paramref name="count"/> bytes.</summary>
    public void Advance(int count)
    {
        Line += buffer.AsSpan(start, count).Count((byte)'\n');
        Offset += count;
        start += count;
    }

    /// <summary>Reads more bytes behind those held; the caller bounds the window by advancing.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var read = await stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
        end += read;
        Completed = read == 0;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (buffer.Length - end < ReadBytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }
}
