namespace Probity.Contracts.ApiKeys;

/// <summary>What <c>POST /api/v1/api-keys</c> takes.</summary>
public sealed record CreateApiKey
{
    /// <summary>What the key is for, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Who answers for the key, 1 to 200 characters; null means the owner of the key that asks.</summary>
    public string? Owner { get; init; }

    /// <summary>The permissions of the key; at least one, none that the caller lacks.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it stops working; null means one year from now.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True for a key that never expires; refused together with <see cref="ExpiresAt"/>.</summary>
    public bool NeverExpires { get; init; }
}

/// <summary>An API key as anyone who manages keys may see it: never its secret.</summary>
public sealed record ApiKeyView
{
    /// <summary><c>key_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The eight characters after <c>pk_</c>, by which a key is recognised.</summary>
    public required string Prefix { get; init; }

    /// <summary>What the key is for.</summary>
    public required string Name { get; init; }

    /// <summary>Who answers for the key.</summary>
    public required string Owner { get; init; }

    /// <summary>The user who owns it, <c>usr_…</c>, with whom it ends; null for a key that no person made.</summary>
    public required string? OwnerId { get; init; }

    /// <summary>The permissions of the key, sorted.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops working; null means never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The last day it was used, in UTC; null means never used.</summary>
    public required DateOnly? LastUsedDay { get; init; }

    /// <summary>When it was revoked; null means it was not.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>The answer to a creation: the only time the secret is told.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">The whole secret, <c>pk_…</c>; the server keeps only its SHA-256.</param>
public sealed record CreatedApiKey(ApiKeyView Key, string Secret);

/// <summary>All API keys, newest first.</summary>
/// <param name="ApiKeys">The keys, revoked and expired ones included.</param>
public sealed record ApiKeyList(IReadOnlyList<ApiKeyView> ApiKeys);
