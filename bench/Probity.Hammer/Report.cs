using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Probity.Hammer;

/// <summary>What a run found: members in the order they are added, and whether everything checked holds.</summary>
internal sealed class Report
{
    private readonly JsonObject _json = [];

    public Report(HammerOptions options)
    {
        _json["mode"] = options.Mode;
        _json["machine"] = Machine();
        _json["settings"] = new JsonObject(
            options.Values.Where(pair => pair.Key != "key-file")
                .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
    }

    public bool IsSound { get; private set; } = true;

    public Report With(string name, JsonNode? value)
    {
        _json[name] = value;
        return this;
    }

    /// <summary>Joins a condition that must hold for the run to count as sound.</summary>
    public Report Require(bool holds)
    {
        IsSound &= holds;
        return this;
    }

    public JsonObject ToJson()
    {
        _json["sound"] = IsSound;
        return _json;
    }

    private static JsonObject Machine() => new()
    {
        ["cores"] = Environment.ProcessorCount,
        ["processor"] = FirstValue("/proc/cpuinfo", "model name"),
        ["memory"] = FirstValue("/proc/meminfo", "MemTotal"),
        ["os"] = RuntimeInformation.OSDescription,
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["clients_on_the_same_machine"] = true,
    };

    private static string? FirstValue(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
            ?.Split(':', 2)[^1].Trim()
        : null;
}
