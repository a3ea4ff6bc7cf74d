using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Probity.Browser.Tests;

/// <summary>The server as people start it: <c>probity up</c> in a process of its own, on a free port and an empty folder.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("probity-browser-");
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private ServerProcess(Uri url)
    {
        Url = url;
        _process = new Process { StartInfo = Command(url, _folder.FullName) };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
    }

    public Uri Url { get; }

    public string BootstrapKey => File.ReadAllText(Path.Combine(_folder.FullName, "keys", "bootstrap.key")).Trim();

    /// <summary>Gets the one-time link that the start has printed.</summary>
    public Uri SetupLink
    {
        get
        {
            var line = Output().Split('\n').First(l => l.Contains("/setup#token=", StringComparison.Ordinal));
            return new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Trim());
        }
    }

    public static async Task<ServerProcess> StartAsync()
    {
        // A name, not an address: passkeys are made for names alone.
        var server = new ServerProcess(new Uri($"http://localhost:{FreePort()}"));
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.WaitAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    public string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    private static ProcessStartInfo Command(Uri url, string data)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Server, "up", "--data", data, "--urls", url.GetLeftPart(UriPartial.Authority)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("AUDIT_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return start;
    }

    private async Task WaitAsync()
    {
        using var http = new HttpClient();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_patience && !_process.HasExited)
        {
            try
            {
                if ((await http.GetAsync(new Uri(Url, "readyz"))).IsSuccessStatusCode && Output().Contains("Ctrl+C", StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"The server did not become ready within {s_patience}:\n{Output()}");
    }

    private void Keep(object sender, DataReceivedEventArgs e)
    {
        lock (_output)
        {
            _output.AppendLine(e.Data);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Where things are in the repository.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Gets the built server, of the configuration the tests were built in.</summary>
    public static string Server
    {
        get
        {
            var here = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Root, "src", "Probity.Server", "bin", here.Parent!.Name, here.Name, "probity.dll");
        }
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Probity.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run below Probity.slnx.");
    }
}
