using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Probity.Hammer;

namespace Probity.Benchmarks.Measurements;

/// <summary>
/// The sender of a measured server as a process of its own that compiles nothing anew while it measures: it shares the
/// processors with the server, and what it compiled was told as the server's slowness (decision record 0077).
/// </summary>
internal static class SenderProcess
{
    /// <summary>The variable that turns tiered compilation off; the server gets it back as it ships.</summary>
    public const string Tiers = "DOTNET_TieredCompilation";

    /// <summary>Whether this process is one.</summary>
    public static bool IsThis => Environment.GetEnvironmentVariable(Tiers) == "0";

    /// <summary>Measures the server from such a process.</summary>
    /// <exception cref="HammerException">It ended without figures; what it said stands on standard error.</exception>
    public static async Task<JsonNode?> RunAsync(BenchmarkOptions options)
    {
        string[] folder = options.Folder is { } kept ? ["--folder", kept] : [];
        string[] hot = options.Hot > 0 ? ["--hot", Text(options.Hot)] : [];
        var start = new ProcessStartInfo(
            "dotnet",
            [
                typeof(SenderProcess).Assembly.Location, "--monitoring", "--server", "--accounts",
                Text(options.MonitoringAccounts), .. folder, .. hot,
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[Tiers] = "0";
        using var sender = Process.Start(start) ?? throw new HammerException("dotnet does not start.");
        var report = await sender.StandardOutput.ReadToEndAsync();
        await sender.WaitForExitAsync();
        return sender.ExitCode == 0
            ? JsonNode.Parse(report)!["monitoring_server"]!.DeepClone()
            : throw new HammerException("The measurement of the server ended without figures.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
