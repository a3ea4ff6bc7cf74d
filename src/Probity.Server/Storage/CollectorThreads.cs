using Probity.Server.Hosting;

namespace Probity.Server.Storage;

/// <summary>
/// Has the threads that collect all generations in the background make way for requests: the runtime runs them beside
/// everything else, where they take up to half a second of one of two processors. Decision record 0091.
/// </summary>
internal sealed class CollectorThreads(TimeProvider time) : BackgroundService
{
    /// <summary>What the runtime calls them.</summary>
    internal const string Name = ".NET BGC";

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        for (var seen = 0; await timer.WaitForNextTickAsync(stoppingToken);)
        {
            if (GC.CollectionCount(GC.MaxGeneration) is var count && count != seen)
            {
                seen = count; // They are made for the first one.
                LibC.MakeWay(Name);
            }
        }
    }
}
