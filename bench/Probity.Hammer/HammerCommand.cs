using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Hammer.Crash;
using Probity.Hammer.Load;
using Probity.Hammer.Search;

namespace Probity.Hammer;

/// <summary>Chooses the mode, prints its JSON to stdout and turns it into an exit code.</summary>
internal static class HammerCommand
{
    private const int Passed = 0;
    private const int Failed = 1;
    private const int Usage = 2;

    private const string Help = """
        probity-hammer MODE [--option value …]

          single  --url U --key-file F [--connections 64] [--seconds 10] [--warmup 2]
                  [--rate N] [--external-id true] [--screen true: one name a request to screening/match]
          half    as single: the highest rate, then p99 at half of it
          batch   --url U --key-file F [--connections 8] [--size 100] [--seconds 10]
          ingest  --url U --key-file F [--connections 2] [--lines 100000]
          search  --url U --key-file F [--lines 1000000] [--rounds 50] [--filled true]
                  fills a log and searches it; with --filled it only searches
          crash   --server "PROGRAM ARGS" --data DIR [--rounds 200] [--writers 8] [--restart-limit SECONDS=5]
                  [--store sqlite|postgres] [--pg-bin DIR] [--load-ms 50-1500]

        Checks 1 % of the receipts (--check-percent, at most --max-checks 1000) by entry, leaf hash and proof.
        Only loopback addresses are accepted. Exit: 0 sound, 1 an error or a failed check, 2 usage.
        """;

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            var options = HammerOptions.Parse(args);
            var report = await RunAsync(options, stop.Token);
            await Console.Out.WriteLineAsync(report.ToJson().ToJsonString(s_indented));
            return report.IsSound ? Passed : Failed;
        }
        catch (UsageException usage)
        {
            await Console.Error.WriteLineAsync(usage.Message + Environment.NewLine + Help);
            return Usage;
        }
        catch (Exception failure) when (failure is HammerException or OperationCanceledException or SocketException)
        {
            await Console.Error.WriteLineAsync("probity-hammer: " + failure.Message);
            await Console.Out.WriteLineAsync(new JsonObject { ["sound"] = false, ["failure"] = failure.Message }
                .ToJsonString(s_indented));
            return Failed;
        }
    }

    private static async Task<Report> RunAsync(HammerOptions options, CancellationToken cancellationToken) =>
        options.Mode switch
        {
            "single" => await SingleMode.RunAsync(options, cancellationToken),
            "half" => await HalfMode.RunAsync(options, cancellationToken),
            "batch" => await BatchMode.RunAsync(options, cancellationToken),
            "ingest" => await IngestMode.RunAsync(options, cancellationToken),
            "search" => await SearchMode.RunAsync(options, cancellationToken),
            "crash" => await CrashMode.RunAsync(options, cancellationToken),
            _ => throw new UsageException($"Unknown mode '{options.Mode}'."),
        };
}
