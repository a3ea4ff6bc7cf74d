using System.Diagnostics;
using Xunit;

namespace Probity.Server.Tests.Hosting;

/// <summary>The real <c>probity up</c> as a process of its own, with nothing of this process's environment for it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly Task<string> _errors;

    private ServerProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it printed while it started.</summary>
    public IReadOnlyList<string> Output => _output;

    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts it and waits for the summary.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, params (string Name, string Value)[] environment)
    {
        var dll = Path.Combine(AppContext.BaseDirectory, "probity.dll");
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet",
            [dll, "up", "--data", folder, "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException("It did not start."));
        await server.ReadSummaryAsync().WaitAsync(s_limit);
        return server;
    }

    /// <summary>Ends it as an operator would.</summary>
    /// <returns>Its exit code and everything it wrote to standard error.</returns>
    public async Task<(int ExitCode, IReadOnlyList<string> Errors)> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return (_process.ExitCode, (await _errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadSummaryAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Add(line);
            if (line.TrimStart().StartsWith("Open", StringComparison.Ordinal))
            {
                var address = line[line.IndexOf("http", StringComparison.Ordinal)..].Split(' ')[0];
                Url = new Uri(new Uri(address), "/");
            }

            // The last line but the warnings; with "Stop" in the line of a later start.
            if (line.Contains("Stop with Ctrl+C", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail("The server ended: " + await _errors);
    }
}
