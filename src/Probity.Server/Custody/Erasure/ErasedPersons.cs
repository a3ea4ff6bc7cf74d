using Microsoft.EntityFrameworkCore;
using Probity.Server.AuditTrail;
using Probity.Server.Storage;

namespace Probity.Server.Custody.Erasure;

/// <summary>
/// Lets this process forget the keys of persons whom another node has erased: every second it looks for erasures of
/// the last hour. What is sealed here before it has looked goes with the erased key; see decision 0026.
/// </summary>
internal sealed class ErasedPersons(
    IDatabase database, LedgerRuntime runtime, TimeProvider time, ILogger<ErasedPersons> log) : BackgroundService
{
    /// <summary>How far back it looks: more than clocks differ and a commit takes.</summary>
    private static readonly TimeSpan s_back = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private HashSet<string> _known = [];

    /// <summary>Forgets those erased since the last look; returns how many that were.</summary>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - s_back;
        await using var db = database.CreateContext();
        var recent = await db.Set<ErasureRow>().AsNoTracking().Where(e => e.DestroyedAt > since)
            .Select(e => new { e.Id, e.Subject }).ToListAsync(cancellationToken);
        var fresh = recent.Where(e => !_known.Contains(e.Id)).ToList();
        fresh.ForEach(e => runtime.Keys.ForgetSubject(e.Subject));
        _known = recent.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        return fresh.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.LookFailed(fault); // The store is away: nothing is sealed into it either.
            }

            await Task.Delay(s_pause, TimeProvider.System, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
