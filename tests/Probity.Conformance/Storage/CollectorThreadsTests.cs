using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class CollectorThreadsTests
{
    private const int NicePlace = 16; // proc_pid_stat(5), field 19, counted behind the name, which is field 2.

    [Fact]
    public async Task What_collects_all_generations_in_the_background_makes_way()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone has a nice value for each thread.");

        // A small heap is not collected in the background.
        var held = Enumerable.Range(0, 20_000).Select(_ => new byte[5_000]).ToList();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        GC.KeepAlive(held);
        using var collectors = new CollectorThreads(TimeProvider.System);
        await collectors.StartAsync(TestContext.Current.CancellationToken);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (Nices() is var nices && (nices.Count == 0 || nices.Exists(nice => nice != 10)))
        {
            await Task.Delay(50, patience.Token);
        }

        await collectors.StopAsync(TestContext.Current.CancellationToken);
    }

    private static List<int> Nices() =>
    [
        .. Directory.GetDirectories("/proc/self/task").Select(StatOf)
            .Where(stat => stat.Contains($"({CollectorThreads.Name})", StringComparison.Ordinal))
            .Select(stat => int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[NicePlace], null)),
    ];

    private static string StatOf(string thread)
    {
        try
        {
            return File.ReadAllText(thread + "/stat");
        }
        catch (IOException)
        {
            return ""; // It has ended since.
        }
    }
}
