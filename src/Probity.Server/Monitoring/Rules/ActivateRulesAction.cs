using System.Text.Json;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// Agrees to a set of rules, in the commit of the last decision; it goes live at its time after that.
/// </summary>
internal sealed class ActivateRulesAction(Lazy<RuleSweep> sweep, TimeProvider time) : IApprovedAction
{
    public const string Name = "monitoring.rule.activate";

    public string Action => Name;

    public string MakerPermission => Permission.ManageRules;

    public Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var asked = JsonSerializer.Deserialize<ActivationRequest>(request.Payload, JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException("The payload of the approval is empty.");
        return RuleDesk.ApproveAsync(work, asked.RuleSetId, asked.From, entry, time, cancellationToken);
    }

    public void Executed() => sweep.Value.Wake();
}

/// <summary>Puts sets live whose time has come: when woken, and every half minute.</summary>
internal sealed class RuleSweep(Lazy<RuleDesk> desk, TimeProvider time, ILogger<RuleSweep> log) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _work = new(0, 1);

    /// <summary>Looks at once.</summary>
    public void Wake()
    {
        try
        {
            _work.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    public override void Dispose()
    {
        _work.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var woken = _work.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await desk.Value.GoLiveAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                log.SweepFailed(fault); // What is live stays live.
            }

            var first = await Task.WhenAny(tick, woken);
            await first;
            tick = first == tick ? timer.WaitForNextTickAsync(stoppingToken).AsTask() : tick;
            woken = first == woken ? _work.WaitAsync(stoppingToken) : woken;
        }
    }
}

internal static partial class RuleLog
{
    [LoggerMessage(1, LogLevel.Error, "Rules that were agreed to could not go live; what is live stays live")]
    public static partial void SweepFailed(this ILogger log, Exception fault);
}
