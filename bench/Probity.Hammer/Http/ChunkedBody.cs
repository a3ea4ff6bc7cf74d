using System.IO.Pipelines;
using System.Buffers;
using System.Buffers.Text;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Probity.Hammer.Http;

/// <summary>An answer that is read while it comes, line by line, in constant memory.</summary>
internal sealed class ChunkedBody(Socket socket) : IAsyncDisposable
{
    private const int MaxLineBytes = 1 << 20;
    private readonly PipeReader _pipe = PipeReader.Create(
        new NetworkStream(socket, ownsSocket: false), new StreamPipeReaderOptions(bufferSize: 64 * 1024));

    private AnswerHead _head;

    /// <summary>Reads up to the body and returns the status.</summary>
    public async Task<int> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _pipe.ReadAsync(cancellationToken);
            if (AnswerHead.TryParse(read.Buffer.ToArray(), out _head))
            {
                _pipe.AdvanceTo(read.Buffer.GetPosition(_head.Bytes));
                return _head.Status;
            }

            ThrowIfOver(read);
            _pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The whole body, for a short one such as a problem document.</summary>
    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        var all = new ArrayBufferWriter<byte>();
        await foreach (var part in ReadPartsAsync(cancellationToken))
        {
            all.Write(part.Span);
        }

        return all.WrittenSpan.ToArray();
    }

    /// <summary>The body's lines without their newline; each is gone when the next is asked for.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLinesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pending = new byte[64 * 1024];
        var filled = 0;
        await foreach (var part in ReadPartsAsync(cancellationToken))
        {
            if (filled + part.Length > pending.Length)
            {
                ThrowIfLong(filled + part.Length);
                Array.Resize(ref pending, Math.Max(pending.Length * 2, filled + part.Length));
            }

            part.CopyTo(pending.AsMemory(filled));
            filled += part.Length;
            var start = 0;
            for (int length; (length = pending.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                yield return pending.AsMemory(start, length);
            }

            pending.AsSpan(start, filled - start).CopyTo(pending);
            filled -= start;
        }

        if (filled > 0)
        {
            yield return pending.AsMemory(0, filled);
        }
    }

    public ValueTask DisposeAsync() => _pipe.CompleteAsync();

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadPartsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A body with a length is one chunk of that length, without the lines around it.
        var left = _head.IsChunked ? await ReadChunkLengthAsync(cancellationToken) : _head.ContentLength;
        while (left > 0)
        {
            var read = await _pipe.ReadAsync(cancellationToken);
            var here = read.Buffer.Slice(0, Math.Min(left, read.Buffer.Length));
            if (here.IsEmpty)
            {
                ThrowIfOver(read);
            }

            foreach (var segment in here)
            {
                yield return segment;
            }

            left -= here.Length;
            _pipe.AdvanceTo(here.End);
            if (left == 0 && _head.IsChunked)
            {
                await SkipLineAsync(cancellationToken);
                left = await ReadChunkLengthAsync(cancellationToken);
            }
        }
    }

    private async Task<long> ReadChunkLengthAsync(CancellationToken cancellationToken)
    {
        var line = await TakeLineAsync(cancellationToken);
        return Utf8Parser.TryParse(line, out long length, out var digits, 'x') && digits == line.Length
            ? length
            : throw new HammerException("A chunk does not begin with its length.");
    }

    private async Task SkipLineAsync(CancellationToken cancellationToken)
    {
        if ((await TakeLineAsync(cancellationToken)).Length != 0)
        {
            throw new HammerException("A chunk does not end where its length says.");
        }
    }

    private async Task<byte[]> TakeLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _pipe.ReadAsync(cancellationToken);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = read.Buffer.Slice(0, end).ToArray();
                _pipe.AdvanceTo(read.Buffer.GetPosition(1, end));
                return line.AsSpan().TrimEnd((byte)'\r').ToArray();
            }

            ThrowIfOver(read);
            _pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static void ThrowIfOver(ReadResult read)
    {
        if (read.IsCompleted)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private static void ThrowIfLong(int bytes)
    {
        if (bytes > MaxLineBytes)
        {
            throw new HammerException($"A line of the answer has more than {MaxLineBytes} bytes.");
        }
    }
}
