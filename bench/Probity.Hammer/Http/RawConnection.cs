using System.Buffers.Text;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Probity.Hammer.Http;

/// <summary>
/// One keep-alive HTTP/1.1 connection with one request in flight. It does what a load generator needs and no more:
/// generator and server share the cores, and a general client would cost as much as the server. Not thread safe.
/// </summary>
internal sealed class RawConnection(LoopbackTarget target) : IDisposable
{
    private const int MaxAnswerBytes = 64 << 20;
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(5);
    private Socket? _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;

    public LoopbackTarget Target => target;

    /// <summary>Sends the request, reconnecting first when needed, and reads the whole answer.</summary>
    /// <exception cref="SocketException">The connection broke; whether the request took effect is unknown.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RawAnswer> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var socket = _socket ?? await ConnectAsync(cancellationToken);
        try
        {
            var sent = 0;
            while (sent < request.Length)
            {
                sent += await socket.SendAsync(request[sent..], SocketFlags.None, cancellationToken);
            }

            return await ReadAsync(socket, cancellationToken);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>GET of a path with the key, if one is given.</summary>
    public ValueTask<RawAnswer> GetAsync(
        string path, string? key, CancellationToken cancellationToken, string accept = "*/*") =>
        SendAsync(RequestBytes.Get(target, path, key, accept), cancellationToken);

    /// <summary>The connected socket, for a caller that streams by itself.</summary>
    public async ValueTask<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        Close();
        var socket = new Socket(target.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_connectLimit);
            await socket.ConnectAsync(target.EndPoint, limit.Token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _filled = 0;
        return _socket = socket;
    }

    public void Dispose() => Close();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RawAnswer> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        _filled = 0;
        AnswerHead head;
        while (!AnswerHead.TryParse(_buffer.AsSpan(0, _filled), out head))
        {
            await FillAsync(socket, cancellationToken);
        }

        var body = head.IsChunked
            ? await ReadChunksAsync(socket, head.Bytes, cancellationToken)
            : await ReadLengthAsync(socket, head, cancellationToken);
        if (head.Closes)
        {
            Close();
        }

        return new RawAnswer(head.Status, body);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadLengthAsync(
        Socket socket, AnswerHead head, CancellationToken cancellationToken)
    {
        if (head.ContentLength > MaxAnswerBytes)
        {
            throw new HammerException($"The answer has more than {MaxAnswerBytes} bytes.");
        }

        while (_filled < head.Bytes + head.ContentLength)
        {
            await FillAsync(socket, cancellationToken);
        }

        return _buffer.AsMemory(head.Bytes, (int)head.ContentLength);
    }

    /// <summary>Reads chunks and closes the gaps between them in place.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReadChunksAsync(
        Socket socket, int start, CancellationToken cancellationToken)
    {
        var read = start;
        var written = start;
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(read, _filled - read).IndexOf("\r\n"u8)) < 0)
            {
                await FillAsync(socket, cancellationToken);
            }

            if (!Utf8Parser.TryParse(_buffer.AsSpan(read, line), out int length, out var digits, 'x') || digits != line)
            {
                throw new HammerException("A chunk does not begin with its length.");
            }

            read += line + 2;
            while (_filled < read + length + 2)
            {
                await FillAsync(socket, cancellationToken);
            }

            if (length == 0)
            {
                return _buffer.AsMemory(start, written - start);
            }

            _buffer.AsSpan(read, length).CopyTo(_buffer.AsSpan(written));
            read += length + 2;
            written += length;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FillAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (_filled == _buffer.Length)
        {
            if (_filled >= MaxAnswerBytes)
            {
                throw new HammerException($"The answer has more than {MaxAnswerBytes} bytes.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var received = await socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None, cancellationToken);
        if (received == 0)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }

        _filled += received;
    }
}
