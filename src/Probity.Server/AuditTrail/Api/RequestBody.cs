using System.Buffers;
using System.IO.Compression;
using Probity.Server.AuditTrail.Events;
using ZstdSharp;

namespace Probity.Server.AuditTrail.Api;

/// <summary>Reads request bodies, bounded.</summary>
internal static class RequestBody
{
    /// <summary>Reads the whole body into a rented buffer; give it back with <see cref="RentedBody.Dispose"/>.</summary>
    /// <exception cref="RefusedException">The body is longer than the limit, or its encoding is not known.</exception>
    public static async ValueTask<RentedBody> ReadAsync(
        HttpRequest request, int maxBytes, string tooLargeCode, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(tooLargeCode, maxBytes);
        }

        var stream = Decoded(request);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(maxBytes, request.ContentLength ?? 4_096) + 1);
        var length = 0;
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
            {
                length += read;
                if (length > maxBytes)
                {
                    throw TooLarge(tooLargeCode, maxBytes);
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }
            }

            return new RentedBody(buffer, length);
        }
        catch (Exception fault) when (IsUndecodable(fault))
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw new RefusedException("request.bad_encoding", "", "The body is not what Content-Encoding says.");
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>The body's bytes as they were before <c>Content-Encoding</c>.</summary>
    /// <exception cref="RefusedException">The encoding is none of gzip, zstd and identity.</exception>
    public static Stream Decoded(HttpRequest request) => request.Headers.ContentEncoding.ToString() switch
    {
        "" or "identity" => request.Body,
        "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        "zstd" => new DecompressionStream(request.Body),
        _ => throw new RefusedException(
            "request.bad_encoding", "", "Content-Encoding must be gzip, zstd or left out."),
    };

    /// <summary>Whether reading failed because the bytes are not what <c>Content-Encoding</c> says, or end too early.</summary>
    public static bool IsUndecodable(Exception fault) =>
        fault is InvalidDataException or ZstdException or EndOfStreamException;

    private static RefusedException TooLarge(string code, int maxBytes) =>
        new(code, "", $"The body has more than {maxBytes} bytes, which is the limit here.");

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>A request body in a rented buffer.</summary>
internal readonly struct RentedBody(byte[] buffer, int length) : IDisposable
{
    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    // Bodies hold personal data; a pooled buffer must not carry it to the next user.
    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
}
