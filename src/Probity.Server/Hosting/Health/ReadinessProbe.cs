using Probity.Contracts.Service;

namespace Probity.Server.Hosting.Health;

/// <summary>Asks every readiness check. An answer is kept for one second, so that probes cannot load the store.</summary>
internal sealed class ReadinessProbe(IEnumerable<IReadinessCheck> checks, TimeProvider clock, ILogger<ReadinessProbe> log) : IDisposable
{
    private static readonly TimeSpan s_perCheck = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(1);

    private readonly IReadinessCheck[] _checks = [.. checks];
    private readonly SemaphoreSlim _one = new(1);
    private (ReadinessView View, long At)? _last;

    public async Task<ReadinessView> AskAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && clock.GetElapsedTime(last.At) < s_kept)
            {
                return last.View;
            }

            var views = new List<ReadinessCheckView>(_checks.Length);
            foreach (var check in _checks)
            {
                views.Add(await AskAsync(check, cancellationToken));
            }

            var view = new ReadinessView(StatusOf(views), views);
            _last = (view, clock.GetTimestamp());
            return view;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<ReadinessCheckView> AskAsync(IReadinessCheck check, CancellationToken cancellationToken)
    {
        var found = await RunAsync(check, cancellationToken);
        if (found.Status == ReadinessStatus.Failed)
        {
            log.NotReady(check.Name, found.Detail ?? "");
        }

        return new ReadinessCheckView(check.Name, NameOf(found.Status), found.Detail);
    }

    private static async Task<Readiness> RunAsync(IReadinessCheck check, CancellationToken cancellationToken)
    {
        try
        {
            return await check.CheckAsync(cancellationToken).WaitAsync(s_perCheck, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new Readiness(ReadinessStatus.Failed, "no answer within 2 s");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A check that fails in a way it did not foresee is a failed check, not a failed probe.
            return new Readiness(ReadinessStatus.Failed, fault.GetType().Name);
        }
    }

    private static string StatusOf(List<ReadinessCheckView> views)
    {
        if (views.Exists(v => v.Status == NameOf(ReadinessStatus.Failed)))
        {
            return "not_ready";
        }

        return views.Exists(v => v.Status == NameOf(ReadinessStatus.Degraded)) ? "degraded" : "ready";
    }

    private static string NameOf(ReadinessStatus status) => status switch
    {
        ReadinessStatus.Ok => "ok",
        ReadinessStatus.Degraded => "degraded",
        ReadinessStatus.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };
}
