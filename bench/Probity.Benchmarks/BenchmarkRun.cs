using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Benchmarks.Measurements;
using Probity.Benchmarks.Stores;

namespace Probity.Benchmarks;

/// <summary>All measurements of all stores, one after another, as one JSON object.</summary>
internal static class BenchmarkRun
{
    public static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    public static async Task<JsonObject> RunAsync(BenchmarkOptions options)
    {
        var report = new JsonObject
        {
            ["machine"] = Machine(),
            ["event_bytes"] = SampleEvents.EventBytes,
            ["rounds"] = options.Rounds,
            ["window_ms"] = options.Window.TotalMilliseconds,
        };
        if (options.DeltaCustomers > 0)
        {
            report["delta"] = DeltaMeasurement.Run(options.DeltaCustomers, options.Rounds);
        }

        if (options is { MonitoringAccounts: > 0, Restarted: > 0 })
        {
            report["monitoring_restart"] = await MonitoringRestartMeasurement.RunAsync(
                options.MonitoringAccounts, options.Restarted);
        }
        else if (options.MonitoringAccounts > 0)
        {
            if (!options.IsServerOnly)
            {
                report["monitoring"] = MonitoringMeasurement.Run(options.MonitoringAccounts, options.Rounds);
            }

            if (!options.IsEngineOnly)
            {
                report["monitoring_server"] = SenderProcess.IsThis
                    ? await MonitoringServerMeasurement.RunAsync(options)
                    : await SenderProcess.RunAsync(options);
            }
        }

        if (options.DetectionAccounts > 0)
        {
            report["detection"] = DetectionMeasurement.Run(options);
        }

        var isOfStores = options is { DeltaCustomers: 0, MonitoringAccounts: 0, DetectionAccounts: 0 };
        foreach (var name in isOfStores ? options.Stores : [])
        {
            await using var stores = await StoreFactory.CreateAsync(name);
            report[name] = new JsonObject
            {
                ["append"] = options.Only is "log" ? null : await AppendMeasurement.RunAsync(stores, options),
                ["log"] = options.Only is "append" ? null : await LogMeasurement.RunAsync(stores, options),
            };
        }

        report["machine"]!["load_after"] = Load();
        return report;
    }

    public static void Say(string text) => Console.Error.WriteLine(text);

    private static JsonObject Machine() => new()
    {
        ["cores"] = Environment.ProcessorCount,
        ["os"] = RuntimeInformation.OSDescription,
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["load_before"] = Load(),
    };

    /// <summary>The load average tells a reader how much of the machine the run had.</summary>
    private static string? Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : null;
}
