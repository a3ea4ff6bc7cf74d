using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Monitoring;

/// <summary>Writes findings down, each once, with its entry.</summary>
internal static class FindingDesk
{
    public const string Found = "probity.access.finding";

    /// <summary>Adds a finding to a unit of work unless it is known; true when it was added.</summary>
    public static async Task<bool> AddAsync(
        UnitOfWork work, Unusual unusual, string person, DateTimeOffset at, long seq, string? entryId, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await IsKnownAsync(work.Db, unusual.Key, cancellationToken))
        {
            return false;
        }

        var row = new AccessFindingRow
        {
            Id = AccessIds.New("fnd_", time.GetUtcNow()),
            Kind = unusual.Kind,
            Key = unusual.Key,
            Person = person,
            At = at,
            Seq = seq,
            Observed = unusual.Observed,
            Threshold = unusual.Threshold,
            About = unusual.About,
        };
        work.Add(row);
        work.Record(
            new AccessEntry(Caller.Server.ToActor(), null, time).Draft(
                Found, "access.finding", "excess_use", new EntryTarget("user", person),
                ("kind", unusual.Kind), ("finding", row.Id), ("read_entry", entryId), ("observed", unusual.Observed), ("threshold", unusual.Threshold)),
            row);
        return true;
    }

    public static async Task<bool> IsKnownAsync(ProbityDb db, string key, CancellationToken cancellationToken) =>
        db.Set<AccessFindingRow>().Local.Any(f => f.Key == key)
        || await db.Set<AccessFindingRow>().AnyAsync(f => f.Key == key, cancellationToken);
}
