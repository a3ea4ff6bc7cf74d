using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage;

namespace Probity.Server.Access.Setup;

/// <summary>
/// The one-time link that makes the first administrator. It exists while there is no user, for 30 minutes after a start,
/// in this process alone; <c>up</c> prints it, and whoever reads that output may use it. There is no way in without the
/// token, from a loopback address either: behind a proxy on the same machine everyone comes from there.
/// </summary>
internal sealed class SetupLink(Lazy<IDatabase> database, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
    private const int TokenBytes = 32;
    private readonly Lock _lock = new();
    private byte[]? _hash;
    private DateTimeOffset _expiresAt;

    /// <summary>Whether a link is open now.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _hash is not null && time.GetUtcNow() < _expiresAt;
            }
        }
    }

    /// <summary>Makes a link, which replaces the one before; null when there is a user already.</summary>
    public async Task<string?> OpenAsync(CancellationToken cancellationToken)
    {
        await using var db = database.Value.CreateContext();
        if (await db.Set<UserRow>().AnyAsync(cancellationToken))
        {
            return null;
        }

        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        lock (_lock)
        {
            (_hash, _expiresAt) = (Hash(token), time.GetUtcNow() + Lifetime);
        }

        return token;
    }

    /// <summary>Whether the token is that of the open link.</summary>
    public bool Fits(string token)
    {
        lock (_lock)
        {
            return _hash is not null && time.GetUtcNow() < _expiresAt && CryptographicOperations.FixedTimeEquals(_hash, Hash(token));
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _hash = null;
        }
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
