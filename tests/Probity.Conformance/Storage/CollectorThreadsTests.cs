using Probity.Server.Storage;
using Xunit;

namespace Probity.Conformance.Storage;

public sealed class CollectorThreadsTests
{
    private const int Background = 10;
    private const int Tries = 400; // Every 50 ms; it looks once a second.
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

        var nices = Nices();
        for (var tried = 0; tried < Tries && (nices.Count == 0 || nices.Exists(nice => nice != Background)); tried++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            nices = Nices();
        }

        await collectors.StopAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(nices);
        Assert.All(nices, nice => Assert.Equal(Background, nice));
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
