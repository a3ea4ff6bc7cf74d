using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Probity.Benchmarks.Measurements;

/// <summary>What one thing did over several windows: rates of wall time, and the processor time of this process.</summary>
internal sealed class Rates
{
    private readonly List<double> _perSecond = [];
    private readonly List<double> _processorMicros = [];

    public double Median => MedianOf(_perSecond);

    public double Best => _perSecond.Max();

    /// <summary>Processor time per item: what does not change when others use the machine too.</summary>
    public double ProcessorMicros => MedianOf(_processorMicros);

    /// <summary>Runs work, which returns how many items it did, until the window is over.</summary>
    public async Task MeasureAsync(TimeSpan window, Func<Task<long>> work)
    {
        var items = 0L;
        var processor = Processor();
        var started = Stopwatch.GetTimestamp();
        do
        {
            items += await work();
        }
        while (Stopwatch.GetElapsedTime(started) < window);

        _perSecond.Add(items / Stopwatch.GetElapsedTime(started).TotalSeconds);
        _processorMicros.Add((Processor() - processor).TotalMicroseconds / items);
    }

    public JsonObject ToJson() => new()
    {
        ["median_per_s"] = Math.Round(Median),
        ["min_per_s"] = Math.Round(_perSecond.Min()),
        ["max_per_s"] = Math.Round(Best),
        ["process_cpu_us"] = Math.Round(ProcessorMicros, 2),
    };

    public static JsonNode Ratio(double part, double whole) => Math.Round(part / whole, 3);

    private static TimeSpan Processor()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static double MedianOf(List<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
