using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Custody.Backup;

/// <summary>One row of <c>backup_set</c>: a backup that was made. The file itself lies wherever it was written
/// to.</summary>
internal sealed class BackupSetRow
{
    /// <summary><c>bak_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Entries of the log in it.</summary>
    public required long Size { get; init; }

    /// <summary>The root hash at that size, in base64.</summary>
    public required string Root { get; init; }

    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the file, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The name of the file, without its folder.</summary>
    public required string Name { get; init; }

    /// <summary>When the operator promises to have deleted it: until then a destroyed key may survive in it.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required string CreatedBy { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<BackupSetRow>(map =>
    {
        map.ToTable("backup_set");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}
