using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Events;

namespace Probity.Server.AuditTrail.Api;

/// <summary>
/// Idempotency-Key: a request that is sent again within 24 hours with the same key gets the first answer. The key is
/// the caller's own: two callers may use the same one. Source: draft-ietf-httpapi-idempotency-key-header-06.
/// </summary>
internal sealed class Idempotency
{
    private const string Header = "Idempotency-Key";
    private const int MaxChars = 255;
    private readonly ConcurrentDictionary<string, byte> _inFlight = new(StringComparer.Ordinal);

    /// <summary>Takes the request's key, or null when it has none. Dispose the turn when the answer is known.</summary>
    /// <exception cref="RefusedException">The key is not usable, or a request with it is still being answered.</exception>
    public Turn? Begin(HttpRequest request, string caller, ReadOnlySpan<byte> body)
    {
        var text = request.Headers[Header].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        if (text.Length > MaxChars || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new RefusedException(
                "idempotency.bad_key", "", $"Idempotency-Key has {MaxChars} printable ASCII characters at most.");
        }

        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{request.Path}\n{text}"));
        var name = Convert.ToHexString(key);
        return _inFlight.TryAdd(name, 0)
            ? new Turn(this, name, new IdempotencyKey(key, SHA256.HashData(body)))
            : throw new RefusedException(
                "idempotency.in_flight", "", "A request with this key is being answered. Wait and send it again.");
    }

    /// <summary>The time a key is being used by one request.</summary>
    internal sealed class Turn(Idempotency owner, string name, IdempotencyKey key) : IDisposable
    {
        public IdempotencyKey Key { get; } = key;

        public void Dispose() => owner._inFlight.TryRemove(name, out _);
    }
}
