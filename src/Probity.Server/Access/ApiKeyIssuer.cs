using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access;

/// <summary>What a new key is to be.</summary>
internal sealed record KeyOrder(string Name, string Owner, IReadOnlyList<string> Scopes)
{
    /// <summary>Null means one year from now.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public bool NeverExpires { get; init; }

    /// <summary>The Idempotency-Key of the request; null when it has none.</summary>
    public CreationRow? Creation { get; init; }
}

/// <summary>Makes API keys.</summary>
internal sealed class ApiKeyIssuer(IApiKeyStore store, TimeProvider clock, ILogger<ApiKeyIssuer> log)
{
    private const int DefaultYears = 1;

    /// <summary>Draws a key and stores its hash. The secret is in no other place afterwards.</summary>
    public async Task<(ApiKey Key, ApiKeySecret Secret)> IssueAsync(KeyOrder order, Caller by, CancellationToken cancellationToken)
    {
        var secret = ApiKeySecret.Draw();
        return (await StoreAsync(order, secret, by, cancellationToken), secret);
    }

    /// <summary>Stores a key that was drawn before.</summary>
    public async Task<ApiKey> StoreAsync(KeyOrder order, ApiKeySecret secret, Caller by, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (order.ExpiresAt <= now)
        {
            throw new ProblemException(ErrorCodes.RequestBadField)
            {
                Faults = [new("/expires_at", ErrorCodes.RequestBadField.Code, "The key would have expired already.")],
            };
        }

        var key = new ApiKey
        {
            Id = "key_" + Guid.CreateVersion7(now).ToString("D"),
            Prefix = secret.Prefix,
            Hash = secret.Hash,
            Name = order.Name,
            Owner = order.Owner,
            PersonId = by.PersonId,
            Scopes = [.. order.Scopes.Order(StringComparer.Ordinal)],
            CreatedAt = now,
            ExpiresAt = order.NeverExpires ? null : order.ExpiresAt?.ToUniversalTime() ?? now.AddYears(DefaultYears),
        };
        await store.AddAsync(key, order.Creation, by, cancellationToken);
        log.KeyCreated(key.Id);
        return key;
    }
}
