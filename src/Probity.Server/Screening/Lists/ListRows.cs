using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Screening.Lists;

/// <summary>One row of <c>screening_list_version</c>: an immutable version of a list. Rows are never changed.</summary>
internal sealed class ListVersionRow
{
    public const string Prefix = "lsv_";

    /// <summary><c>lsv_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required string List { get; init; }

    /// <summary>Of the files, as <see cref="Probity.Screening.Model.ListVersion.Sha256"/>.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Snake case of the reader's format.</summary>
    public required string Format { get; init; }

    /// <summary>ISO date, or null.</summary>
    public string? PublishedOn { get; init; }

    public required int Entries { get; init; }

    public required int Added { get; init; }

    public required int Removed { get; init; }

    public required int Changed { get; init; }

    /// <summary>Codes joined by blanks.</summary>
    public required string Accepted { get; init; }

    /// <summary>Roles joined by blanks.</summary>
    public required string MissingParts { get; init; }

    /// <summary>JSON array of {name, role, sha256, bytes}.</summary>
    public required string Parts { get; init; }

    public required DateTimeOffset LoadedAt { get; init; }

    public IReadOnlyList<StoredPart> PartList() => JsonSerializer.Deserialize<List<StoredPart>>(Parts) ?? [];

    public static void Configure(ModelBuilder model) => model.Entity<ListVersionRow>(map =>
    {
        map.ToTable("screening_list_version");
        map.HasKey(row => row.Id);
        map.HasIndex(row => new { row.List, row.Sha256 }).IsUnique();
        map.Audited();
    });
}

/// <summary>A file of a stored version.</summary>
/// <param name="Name">Its name within its folder.</param>
/// <param name="Role">Its part in the list.</param>
/// <param name="Sha256">The key of its content.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record StoredPart(string Name, string Role, string Sha256, long Bytes);

/// <summary>One row of <c>screening_list</c>: which version of a list is live.</summary>
internal sealed class ListRow
{
    public required string List { get; init; }

    public required string VersionId { get; set; }

    public required DateTimeOffset ActivatedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ListRow>(map =>
    {
        map.ToTable("screening_list");
        map.HasKey(row => row.List);
        map.Audited();
    });
}

/// <summary>One row of <c>screening_list_content</c>: the gzipped bytes of a file, under the SHA-256 of the
/// file.</summary>
internal sealed class ListContentRow
{
    public required string Sha256 { get; init; }

    public required byte[] Gzip { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ListContentRow>(map =>
    {
        map.ToTable("screening_list_content");
        map.HasKey(row => row.Sha256);
        map.Operational(
            "Content under its own hash, which the audited row of the version names; checked on every read.");
    });
}

/// <summary>One row of <c>screening_list_feed</c>: when a list was last asked for, and what came of it.</summary>
internal sealed class ListFeedRow
{
    public required string List { get; init; }

    public DateTimeOffset? CheckedAt { get; set; }

    public string? ETag { get; set; }

    public string? LastModified { get; set; }

    public string? LastFault { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ListFeedRow>(map =>
    {
        map.ToTable("screening_list_feed");
        map.HasKey(row => row.List);
        map.Property(row => row.ETag).HasColumnName("etag");
        map.Operational("When the publisher was last asked; every version and every refusal is an entry of its own.");
    });
}
