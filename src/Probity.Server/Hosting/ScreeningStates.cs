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
    public Task<ScreeningState> OfAsync(
        string customerId, int version, ProbityDb db, CancellationToken cancellationToken) =>
        StoredScreeningStates.OfAsync(customerId, version, live.Current is not null, db, cancellationToken);
}

/// <summary>
/// The same without a server: what screening stored. Once it has ever screened anybody, a customer it has not screened
/// in this version is unknown.
/// </summary>
internal sealed class StoredScreeningStates : IScreeningStates
{
    public async Task<ScreeningState> OfAsync(
        string customerId, int version, ProbityDb db, CancellationToken cancellationToken) =>
        await OfAsync(
            customerId, version, await db.Set<ResultRow>().AnyAsync(cancellationToken), db, cancellationToken);

    /// <summary>What is stored of a customer.</summary>
    public static async Task<ScreeningState> OfAsync(
        string customerId, int version, bool isScreened, ProbityDb db, CancellationToken cancellationToken)
    {
        var hits = await db.Set<HitRow>().AsNoTracking().Where(hit => hit.CustomerId == customerId)
            .Select(hit => hit.Status).ToListAsync(cancellationToken);
        if (hits.Contains(HitRow.TrueMatch))
        {
            return ScreeningState.Confirmed;
        }

        if (hits.Contains(HitRow.Open) || hits.Contains(HitRow.Escalated))
        {
            return ScreeningState.Possible;
        }

        var isDone = !isScreened || await db.Set<ResultRow>().AsNoTracking()
            .AnyAsync(row => row.CustomerId == customerId && row.CustomerVersion == version, cancellationToken);
        return isDone ? ScreeningState.Clear : ScreeningState.Unknown;
    }
}
