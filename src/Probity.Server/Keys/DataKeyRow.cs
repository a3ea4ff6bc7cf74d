using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Keys;

/// <summary>One wrapped key, as stored. The key ring writes it by hand; the map is there for tools and checks.</summary>
internal sealed record DataKeyRow
{
    public const string Active = "active";
    public const string Retired = "retired";
    public const string Destroyed = "destroyed";

    public required string Id { get; init; }

    public required string Kind { get; init; }

    /// <summary>The id of the key it is wrapped under; null for the root key, which is never stored.</summary>
    public string? WrappedBy { get; init; }

    /// <summary>The wrapped key, see <see cref="KeyWrap"/>; null once destroyed.</summary>
    [Secret]
    public byte[]? Wrapped { get; init; }

    public required string Algorithm { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string State { get; init; }

    /// <summary>Whose key it is, see <see cref="SubjectNames"/>; null for keys of no person.</summary>
    public string? Subject { get; init; }

    /// <summary>The number of a key-encryption key, from 1; null for other kinds.</summary>
    public int? Version { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<DataKeyRow>(map =>
    {
        map.ToTable("data_key");
        map.HasKey(row => row.Id);
        map.Operational("Made by the server for itself before an entry can exist; key acts by people are entries.");
    });
}
