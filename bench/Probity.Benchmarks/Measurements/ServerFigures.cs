using System.Globalization;
using System.Text.Json.Nodes;

namespace Probity.Benchmarks.Measurements;

/// <summary>What the measured server says of itself at <c>/metrics</c>, at one moment.</summary>
internal sealed class ServerFigures
{
    private static readonly string[] s_stages = ["facts", "judge", "entries", "commit"];

    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private ServerFigures()
    {
    }

    /// <summary>Asks.</summary>
    public static async Task<ServerFigures> ReadAsync(HttpClient client, Uri metrics)
    {
        var figures = new ServerFigures();
        foreach (var line in (await client.GetStringAsync(metrics)).Split('\n'))
        {
            // name{labels} value [timestamp]
            var end = line.IndexOf('}', StringComparison.Ordinal) is var brace and >= 0 ? brace + 1
                : line.IndexOf(' ', StringComparison.Ordinal);
            if (end <= 0 || line[0] == '#')
            {
                continue;
            }

            var value = line[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            if (double.TryParse(value, CultureInfo.InvariantCulture, out var number))
            {
                figures._samples[line[..end]] = number;
            }
        }

        return figures;
    }

    /// <summary>What happened since an earlier moment, for so many decisions.</summary>
    public JsonObject Since(ServerFigures before, long decisions)
    {
        double Rise(string name, string label = "") => Sum(name, label) - before.Sum(name, label);
        var turns = Rise("probity_monitoring_turn_jobs_count");
        var (stages, slow) = (new JsonObject(), new JsonObject());
        foreach (var stage in s_stages)
        {
            var label = $"stage=\"{stage}\"";
            stages[stage] = Rounded(Rise("probity_monitoring_turn_duration_seconds_sum", label) * 1e6 / turns);
            var times = Rise("probity_monitoring_turn_duration_seconds_count", label); // Some more than once a turn.
            slow[stage] = Rounded((times - Rise(
                "probity_monitoring_turn_duration_seconds_bucket", label + ",le=\"0.01\"")) * 1000 / times);
        }

        return new JsonObject
        {
            ["allocated_bytes"] = Rounded(Rise("dotnet_gc_heap_total_allocated_bytes_total") / decisions),
            ["gc_pause_ms"] = Rounded(Rise("dotnet_gc_pause_time_seconds_total") * 1e3),
            ["gc_gen0"] = Rounded(Rise("dotnet_gc_collections_total", "gen0")),
            ["gc_gen1"] = Rounded(Rise("dotnet_gc_collections_total", "gen1")),
            ["gc_gen2"] = Rounded(Rise("dotnet_gc_collections_total", "gen2")),
            ["jobs_of_a_turn"] = Rounded(Rise("probity_monitoring_turn_jobs_sum") / turns),
            ["us_of_a_turn"] = stages,
            ["of_1000_over_10_ms"] = slow,
        };
    }

    // An open server has as many samples of a name as it has label values.
    private double Sum(string name, string label) => _samples
        .Where(sample => (sample.Key == name || sample.Key.StartsWith(name + "{", StringComparison.Ordinal))
            && sample.Key.Contains(label, StringComparison.Ordinal))
        .Sum(sample => sample.Value);

    private static double Rounded(double value) => double.IsFinite(value) ? Math.Round(value, 1) : 0;
}
