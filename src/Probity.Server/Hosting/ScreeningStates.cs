using Microsoft.EntityFrameworkCore;
using Probity.Monitoring;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;

namespace Probity.Server.Hosting;

/// <summary>
/// What monitoring asks of screening. A customer who was not screened in this version is unknown, which asks for
/// review, once there are lists to screen against; without any, nothing is screened and nothing is said.
/// </summary>
internal sealed class ScreeningStates(LiveEngine live) : IScreeningStates
{
    public ValueTask<bool> IsOnAsync(CancellationToken cancellationToken) => new(live.Current is not null);

    public Task<IReadOnlyDictionary<string, ScreeningState>> OfAsync(
        IReadOnlyDictionary<string, int> customers, bool isOn, ProbityDb db, CancellationToken cancellationToken) =>
        StoredScreeningStates.StatesAsync(customers, isOn, db, cancellationToken);
}

/// <summary>
/// The same without a server: what screening stored. Once it has ever screened anybody, a customer it has not screened
/// in this version is unknown.
/// </summary>
internal sealed class StoredScreeningStates(IDatabase database) : IScreeningStates
{
    public async ValueTask<bool> IsOnAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<ResultRow>().AnyAsync(cancellationToken);
    }

    public Task<IReadOnlyDictionary<string, ScreeningState>> OfAsync(
        IReadOnlyDictionary<string, int> customers, bool isOn, ProbityDb db, CancellationToken cancellationToken) =>
        StatesAsync(customers, isOn, db, cancellationToken);

    /// <summary>What is stored of customers.</summary>
    public static async Task<IReadOnlyDictionary<string, ScreeningState>> StatesAsync(
        IReadOnlyDictionary<string, int> customers, bool isScreened, ProbityDb db,
        CancellationToken cancellationToken)
    {
        List<string> ids = [.. customers.Keys];
        // Results before hits: a screening that commits between the two is either not seen, or seen with its hits.
        HashSet<string> done = isScreened ? await ScreenedAsync(ids, customers, db, cancellationToken) : [];
        var states = new Dictionary<string, ScreeningState>(ids.Count, StringComparer.Ordinal);
        foreach (var id in ids)
        {
            states.Add(id, !isScreened || done.Contains(id) ? ScreeningState.Clear : ScreeningState.Unknown);
        }

        foreach (var hit in await db.Set<HitRow>().AsNoTracking()
            .Where(hit => EF.Parameter(ids).Contains(hit.CustomerId))
            .Select(hit => new { hit.CustomerId, hit.Status }).ToListAsync(cancellationToken))
        {
            states[hit.CustomerId] = With(states[hit.CustomerId], hit.Status);
        }

        return states;
    }

    private static async Task<HashSet<string>> ScreenedAsync(
        List<string> ids, IReadOnlyDictionary<string, int> customers, ProbityDb db,
        CancellationToken cancellationToken)
    {
        var rows = await db.Set<ResultRow>().AsNoTracking()
            .Where(row => EF.Parameter(ids).Contains(row.CustomerId))
            .Select(row => new { row.CustomerId, row.CustomerVersion }).ToListAsync(cancellationToken);
        return rows.Where(row => customers[row.CustomerId] == row.CustomerVersion).Select(row => row.CustomerId)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What is known of a customer with one more hit: the gravest goes.</summary>
    private static ScreeningState With(ScreeningState state, string hit) => hit switch
    {
        HitRow.TrueMatch => ScreeningState.Confirmed,
        HitRow.Open or HitRow.Escalated when state != ScreeningState.Confirmed => ScreeningState.Possible,
        _ => state,
    };
}
