using System.Globalization;
using System.Text;

namespace Probity.Hammer.Http;

/// <summary>Requests as bytes, ready to send.</summary>
internal static class RequestBytes
{
    public static byte[] Get(LoopbackTarget target, string path, string? key, string accept) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: {target.Host}\r\n{Authorization(key)}Accept: {accept}\r\n\r\n");

    public static byte[] Post(LoopbackTarget target, string path, string? key, ReadOnlySpan<byte> body) =>
        [.. PostHead(target, path, key, "application/json", body.Length), .. body];

    public static byte[] PostHead(LoopbackTarget target, string path, string? key, string contentType, long length) =>
        Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: {target.Host}\r\n{Authorization(key)}"
            + $"Content-Type: {contentType}\r\nContent-Length: {length}\r\n\r\n"));

    private static string Authorization(string? key) => key is null ? "" : $"Authorization: Bearer {key}\r\n";
}
