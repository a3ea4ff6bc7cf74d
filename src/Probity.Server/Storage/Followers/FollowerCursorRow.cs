using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Storage.Followers;

/// <summary>How far a follower has come: the number of the entry it has not applied yet.</summary>
internal sealed class FollowerCursorRow
{
    public required string Name { get; init; }

    public required long NextSeq { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<FollowerCursorRow>(map =>
    {
        map.ToTable("follower_cursor");
        map.HasKey(row => row.Name);
        map.Operational("Derived: a follower set back to 0 rebuilds the same result from the ledger.");
    });
}
