using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Ledger.Merkle;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access;

/// <summary>Maps API keys to their table and to the rows of it.</summary>
internal static class ApiKeyMap
{
    private const string DayFormat = "yyyy-MM-dd";

    public static void Configure(ModelBuilder model) => model.Entity<ApiKeyRow>(map =>
    {
        map.ToTable("api_key");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.Prefix).IsUnique();
        map.Property(row => row.LastUsedDay).Operational("The requests themselves are recorded; this is a convenience.");
        map.Audited();
    });

    public static ApiKeyRow ToRow(ApiKey key) => new()
    {
        Id = key.Id,
        Prefix = key.Prefix,
        Sha256 = key.Hash.ToArray(),
        Name = key.Name,
        Owner = key.Owner,
        OwnerId = key.PersonId,
        Scopes = string.Join(' ', key.Scopes),
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        LastUsedDay = key.LastUsedDay is { } day ? ToText(day) : null,
        RevokedAt = key.RevokedAt,
    };

    public static ApiKey FromRow(ApiKeyRow row) => new()
    {
        Id = row.Id,
        Prefix = row.Prefix,
        Hash = Digest.From(row.Sha256),
        Name = row.Name,
        Owner = row.Owner,
        PersonId = row.OwnerId,
        Scopes = [.. row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        CreatedAt = row.CreatedAt,
        ExpiresAt = row.ExpiresAt,
        LastUsedDay = row.LastUsedDay is { } day
            ? DateOnly.ParseExact(day, DayFormat, CultureInfo.InvariantCulture)
            : null,
        RevokedAt = row.RevokedAt,
    };

    public static string ToText(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);
}
