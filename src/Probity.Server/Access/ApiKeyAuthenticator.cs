using System.Collections.Concurrent;
using System.Security.Cryptography;
using Probity.Contracts.Problems;
using Probity.Ledger.Merkle;

namespace Probity.Server.Access;

/// <summary>
/// Tells who carries a key. Keys that were good are remembered for five seconds, so a revocation on another node is felt
/// within that time and one on this node at once. Thread safe.
/// </summary>
internal sealed class ApiKeyAuthenticator(
    IApiKeyStore store, KeyOwners owners, TimeProvider clock, ILogger<ApiKeyAuthenticator> log)
{
    /// <summary>How long a good key is believed without asking the store again.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private const int MaxRemembered = 10_000;
    private const string Scheme = "Bearer ";

    private readonly ConcurrentDictionary<Digest, Remembered> _remembered = new();

    /// <summary>The outcome for the value of an <c>Authorization</c> header; empty when there was none.</summary>
    public async ValueTask<Authentication> AuthenticateAsync(string header, CancellationToken cancellationToken)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !ApiKeySecret.TryParse(header.AsSpan(Scheme.Length).Trim(), out var secret))
        {
            return new Authentication(null, ErrorCodes.AccessUnauthenticated);
        }

        var hash = secret.Hash;
        if (_remembered.TryGetValue(hash, out var known) && clock.GetElapsedTime(known.ReadAt) < Freshness)
        {
            return Judge(known.Key, known.Caller);
        }

        return await ReadAsync(secret.Prefix, hash, cancellationToken);
    }

    /// <summary>Whether a key still works; reads the store, and is no use of the key.</summary>
    public async Task<bool> StandsAsync(string id, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) is { RevokedAt: null } key
        && !(key.ExpiresAt <= clock.GetUtcNow())
        && (key.PersonId is not { } owner || await owners.IsEnabledAsync(owner, cancellationToken));

    /// <summary>Forgets every key: an owner was disabled.</summary>
    public void ForgetAll() => _remembered.Clear();

    /// <summary>Forgets a key at once.</summary>
    public void Forget(ApiKey key) => _remembered.TryRemove(key.Hash, out _);

    private async Task<Authentication> ReadAsync(string prefix, Digest hash, CancellationToken cancellationToken)
    {
        var readAt = clock.GetTimestamp();
        var key = await store.FindByPrefixAsync(prefix, cancellationToken);
        if (key?.PersonId is { } owner && !await owners.IsEnabledAsync(owner, cancellationToken))
        {
            _remembered.TryRemove(hash, out _);
            return new Authentication(null, ErrorCodes.AccessKeyRevoked);
        }

        if (key is null || !CryptographicOperations.FixedTimeEquals(key.Hash.Bytes, hash.Bytes))
        {
            _remembered.TryRemove(hash, out _);
            return new Authentication(null, ErrorCodes.AccessUnauthenticated);
        }

        var caller = new Caller(CallerKind.ApiKey, key.Id, key.Name, key.Owner, key.Scopes)
        {
            PersonId = key.PersonId,
            ExpiresAt = key.ExpiresAt,
        };
        var outcome = Judge(key, caller);
        if (outcome.Caller is null)
        {
            _remembered.TryRemove(hash, out _);
            return outcome;
        }

        await MarkUsedAsync(key, cancellationToken);
        if (_remembered.Count >= MaxRemembered)
        {
            _remembered.Clear();
        }

        _remembered[hash] = new Remembered(key, caller, readAt);
        return outcome;
    }

    private Authentication Judge(ApiKey key, Caller caller)
    {
        if (key.RevokedAt is not null)
        {
            return new Authentication(null, ErrorCodes.AccessKeyRevoked);
        }

        return key.ExpiresAt <= clock.GetUtcNow()
            ? new Authentication(null, ErrorCodes.AccessKeyExpired)
            : new Authentication(caller, null);
    }

    private async Task MarkUsedAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        if (key.LastUsedDay >= today)
        {
            return;
        }

        try
        {
            await store.MarkUsedAsync(key.Id, today, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A key stays usable while the store takes no writes: reading must go on with a full disk.
            log.LastUseNotNoted(key.Id, fault);
        }
    }

    private sealed record Remembered(ApiKey Key, Caller Caller, long ReadAt);
}

/// <summary>A caller, or the reason there is none.</summary>
internal readonly record struct Authentication(Caller? Caller, ErrorCode? Refusal);
