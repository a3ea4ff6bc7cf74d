using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Monitoring;

/// <summary>
/// Another process computes the same decisions: other culture, zone, folder, and no vector instructions.
/// </summary>
public sealed class ReplayProcessTests(RunningServer server) : IClassFixture<RunningServer>
{
    [Fact]
    public async Task Decisions_replay_in_a_process_with_another_culture_zone_folder_and_processor()
    {
        var lines = Enumerable.Range(0, 300).Select(i => new JsonObject
        {
            ["source"] = "core",
            ["id"] = "p" + i.ToString(CultureInfo.InvariantCulture),
            ["occurred_at"] = string.Create(
                CultureInfo.InvariantCulture, $"2026-03-{1 + (i % 28):D2}T0{i % 10}:30:00.123456Z"),
            ["amount"] = ((i * 733) + 1).ToString(CultureInfo.InvariantCulture) + ".5",
            ["currency"] = "USD",
            ["type"] = i % 3 == 0 ? "cash_in" : "wire",
            ["debtor"] = new JsonObject { ["account"] = $"A{i % 11}", ["customer"] = $"c-{i % 4}" },
            ["creditor"] = new JsonObject { ["account"] = $"B{i % 7}" },
            ["narrative"] = $"Ödeme İğdır {i}",
        }.ToJsonString());
        var sent = await server.PostAsync("/api/v1/transactions:ingest", string.Join('\n', lines));
        Assert.True(sent.Status == HttpStatusCode.OK, sent.Text);
        Assert.All(sent.Lines, line => Assert.Equal("decided", line["status"]!.GetValue<string>()));

        var (code, output, error) = await ReplayAsync();

        Assert.True(code == 0, error + output);
        var report = JsonNode.Parse(output)!;
        Assert.Equal((300L, 300L), (report["decisions"]!.GetValue<long>(), report["identical"]!.GetValue<long>()));
    }

    private async Task<(int Code, string Output, string Error)> ReplayAsync()
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "probity.dll"), "monitor", "replay", "--data", server.DataDir,
                "--json",
            ])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
        [
            ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8"), ("TZ", "Pacific/Chatham"),
            ("DOTNET_EnableHWIntrinsic", "0"),
        ])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("It did not start.");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
