using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// One row of <c>monitoring_pack</c>: the steps of a stretch of the ledger, packed for the next start. Packs follow
/// each other without a gap in the ledger; where one is missing, the ledger is read.
/// </summary>
internal sealed class PackRow
{
    /// <summary>The layout that this build writes; one of another layout is made anew.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The first entry of the ledger that it covers, a step or not.</summary>
    public required long FirstSeq { get; init; }

    /// <summary>The last entry that it covers: its last step.</summary>
    public required long LastSeq { get; init; }

    /// <summary>The number of the last step before its end.</summary>
    public required long LastNumber { get; init; }

    /// <summary>How many steps are in it.</summary>
    public required int Steps { get; init; }

    /// <summary>The hash of the last entry, so that a pack of another log is noticed.</summary>
    public required byte[] LastHash { get; init; }

    /// <summary>How many of its entries had been purged when it was made; more since then make it stale.</summary>
    public required long Purged { get; init; }

    /// <summary>
    /// Which keys its steps were sealed under in the ledger, see <see cref="PackKeys"/>: one that is destroyed since
    /// makes it stale.
    /// </summary>
    public required byte[] Keys { get; init; }

    public required int Format { get; init; }

    /// <summary>The data key; null where encryption is off.</summary>
    public string? KeyId { get; init; }

    /// <summary>See <see cref="PackSeal"/>.</summary>
    public required byte[] Content { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<PackRow>(map =>
    {
        map.ToTable("monitoring_pack");
        map.HasKey(row => row.FirstSeq);
        map.Property(row => row.FirstSeq).ValueGeneratedNever();
        map.Operational("Derived: without any the state is made from the ledger, more slowly.");
    });
}
