using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access;

/// <summary>One row of <c>api_key</c>. The secret itself is nowhere; its SHA-256 is.</summary>
internal sealed class ApiKeyRow
{
    public required string Id { get; init; }

    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the whole key, 32 bytes.</summary>
    [Secret]
    public required byte[] Sha256 { get; init; }

    public required string Name { get; init; }

    public required string Owner { get; init; }

    /// <summary>The person who owns it; null for keys that no person made.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Permission names, sorted, separated by spaces.</summary>
    public required string Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary><c>yyyy-MM-dd</c> in UTC.</summary>
    public string? LastUsedDay { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}
