using System.Collections.Immutable;
using Probity.Contracts.ApiKeys;
using Probity.Ledger.Merkle;

namespace Probity.Server.Access;

/// <summary>An API key as it is stored: the SHA-256 of the whole key, never the key.</summary>
internal sealed record ApiKey
{
    /// <summary><c>key_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required string Prefix { get; init; }

    public required Digest Hash { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    /// <summary>The person who owns it, <c>usr_…</c>; null for keys that no person made.</summary>
    public string? PersonId { get; init; }

    /// <summary>Permission names, sorted.</summary>
    public required ImmutableArray<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null means never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    public DateOnly? LastUsedDay { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public ApiKeyView ToView() => new()
    {
        Id = Id,
        Prefix = Prefix,
        Name = Name,
        Owner = Owner,
        OwnerId = PersonId,
        Scopes = Scopes,
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
        LastUsedDay = LastUsedDay,
        RevokedAt = RevokedAt,
    };
}
