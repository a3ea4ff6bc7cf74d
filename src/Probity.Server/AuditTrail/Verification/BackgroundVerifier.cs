using Probity.Ledger.Verification;
using Probity.Server.AuditTrail.Append;
using Probity.Server.AuditTrail.Stores;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>
/// Reads the stored log over and over, values and not only hashes, slowly enough to stay under 5 % of a core, and tells
/// how far it is. A finding stops signing and raises the alarm.
/// </summary>
internal sealed class BackgroundVerifier(
    ILedgerStore store,
    LogIdentity log,
    LedgerWriter writer,
    VerificationState state,
    TimeProvider time,
    ILogger<BackgroundVerifier> logger) : BackgroundService
{
    private const double Share = 0.05;
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_betweenPasses = TimeSpan.FromMinutes(10);

    /// <summary>One pass over all that is stored, at full speed or at the bounded rate.</summary>
    public async Task<AuditReport> VerifyAsync(
        IReadOnlyList<string> outside, bool bounded, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var stored = await StoredLog.OpenAsync(store, log.Origin, cancellationToken);
        IAuditedLog audited = bounded ? new PacedLog(stored, Share, time) : stored;
        var options = new AuditOptions(log.Keys, outside)
        {
            Blobs = stored,
            Parallelism = bounded ? 1 : Environment.ProcessorCount,
            Progress = progress,
            Time = time,
        };
        return await LogAuditor.AuditAsync(audited, options, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(s_first, time, stoppingToken);
            while (true)
            {
                await PassAsync(stoppingToken);
                await Task.Delay(s_betweenPasses, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next start begins a new pass.
        }
    }

    private async Task PassAsync(CancellationToken cancellationToken)
    {
        try
        {
            var head = await store.ReadHeadAsync(cancellationToken);
            state.Begin(head?.Size ?? 0);
            var report = await VerifyAsync(
                [], bounded: true, new Progress<long>(state.Progress), cancellationToken);
            if (report.First is { } finding)
            {
                state.Failed(finding.Detail);
                writer.StopSigning($"The background verifier found: {finding.Detail}");
                return;
            }

            state.Succeeded(time.GetUtcNow());
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The store is away or broken in a way that says nothing about the log: look again later.
            logger.PassFailed(failure);
        }
    }
}
