using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Monitoring;

/// <summary>One row of <c>break_glass</c>: a person's emergency.</summary>
internal sealed class BreakGlassRow
{
    /// <summary><c>bgl_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required string Person { get; init; }

    /// <summary>The name of one of <see cref="BreakGlassSets"/>.</summary>
    public required string Permissions { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndsAt { get; set; }

    /// <summary>The approval in which someone else reviews it.</summary>
    public required string ReviewId { get; init; }

    public DateTimeOffset? ReviewedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<BreakGlassRow>(map =>
    {
        map.ToTable("break_glass");
        map.HasKey(row => row.Id);
        map.Audited();
    });

    /// <summary>The person's emergency that is open at an instant; null when there is none.</summary>
    public static Task<BreakGlassRow?> OpenAsync(ProbityDb db, string person, DateTimeOffset now, CancellationToken cancellationToken) =>
        db.Set<BreakGlassRow>().AsNoTracking().Where(b => b.Person == person && b.EndsAt > now)
            .OrderByDescending(b => b.StartedAt).FirstOrDefaultAsync(cancellationToken);
}

/// <summary>What the glass gives. No set decides approvals, gives roles or changes users: an emergency is for reading.</summary>
internal static class BreakGlassSets
{
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> All { get; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["events"] = [Permission.ReadEntries, Permission.RunExports],
            ["sars"] = [Permission.ReadEntries, Permission.ReadSars],
            ["operations"] = [Permission.ReadHealth, Permission.ReadConfiguration, Permission.RunVerification, Permission.ManageSessions],
        };
}
