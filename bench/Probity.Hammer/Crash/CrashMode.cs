using System.Net;
using System.Net.Sockets;
using Probity.Hammer.Http;

namespace Probity.Hammer.Crash;

/// <summary>Kills the real server under load, again and again, and checks that nothing acknowledged is ever lost.</summary>
internal static class CrashMode
{
    private const int MaxRounds = 10_000;
    private const int MaxWriters = 64;
    private const int RestartLimitSeconds = 5;
    private const int MaxRestartLimitSeconds = 600;

    public static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken)
    {
        var folder = EmptyFolder(options.Required("data"));
        await using var store = await CrashStore.CreateAsync(options);
        var target = LoopbackTarget.Of(IPAddress.Loopback, FreePort());
        var command = new ServerCommand(options.Required("server"), folder, store.Environment);
        using var server = new ServerProcess(command, target, folder + ".log");
        var firstStart = await server.StartAsync(cancellationToken);
        var key = (await File.ReadAllTextAsync(Path.Combine(folder, "keys", "bootstrap.key"), cancellationToken)).Trim();
        using var acknowledgements = new Acknowledgements(folder + ".journal");
        using var run = new CrashRun(options, store, server, target, key, acknowledgements, MaxWriters);

        var rounds = options.Number("rounds", 200, MaxRounds);
        var done = 0;
        while (done < rounds)
        {
            done++;
            if (!await run.RoundAsync(done, cancellationToken))
            {
                break;
            }
        }

        await Console.Error.WriteLineAsync("checking the whole log…");
        var report = new Report(options)
            .With("store", options.Text("store") ?? "sqlite")
            .With("rounds", done)
            .With("first_start_seconds", Math.Round(firstStart.TotalSeconds, 3));
        await run.FinishAsync(
            report, options.Number("restart-limit", RestartLimitSeconds, MaxRestartLimitSeconds), cancellationToken);
        await server.KillAsync();
        return report;
    }

    /// <summary>The journal would not match a log that has events of another run.</summary>
    private static string EmptyFolder(string folder)
    {
        var full = Path.GetFullPath(folder);
        return !Directory.Exists(full) || !Directory.EnumerateFileSystemEntries(full).Any()
            ? full
            : throw new UsageException($"--data {full} is not empty.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
