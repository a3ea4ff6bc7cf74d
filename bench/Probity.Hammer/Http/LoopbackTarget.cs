using System.Globalization;
using System.Net;

namespace Probity.Hammer.Http;

/// <summary>The server under load. Only loopback addresses: this tool must not be turned on somebody else's machine.</summary>
internal sealed record LoopbackTarget(IPEndPoint EndPoint, string Host)
{
    /// <summary>Reads <c>http://127.0.0.1:8080</c>, <c>http://[::1]:8080</c> or <c>http://localhost:8080</c>.</summary>
    /// <exception cref="UsageException">The text is no such URL, or its host is not loopback.</exception>
    public static LoopbackTarget Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "http" || uri.PathAndQuery != "/")
        {
            throw new UsageException($"--url is http://HOST:PORT without a path, not '{url}'.");
        }

        // The name is not looked up: a resolver may answer anything.
        var address = uri.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var parsed) ? parsed
            : null;
        return address is not null && IPAddress.IsLoopback(address)
            ? Of(address, uri.Port)
            : throw new UsageException($"'{uri.Host}' is refused: load goes to loopback addresses only.");
    }

    public static LoopbackTarget Of(IPAddress address, int port)
    {
        var endPoint = new IPEndPoint(address, port);
        return new LoopbackTarget(endPoint, endPoint.ToString());
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://{Host}");
}
