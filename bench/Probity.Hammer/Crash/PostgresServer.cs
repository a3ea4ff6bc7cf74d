using System.Diagnostics;
using System.Globalization;

namespace Probity.Hammer.Crash;

/// <summary>
/// A private PostgreSQL cluster in a temporary folder, reached by its Unix socket, with the durability settings of
/// production, that can be killed and started again. A guard removes it when this process ends.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Port = "54329";
    private const string Database = "probity";
    private const string Script = """
        read -r _
        pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
        if [ -n "$pid" ]; then
          kill -QUIT "$pid" 2>/dev/null
          n=0
          while kill -0 "$pid" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done
        fi
        rm -rf "$1"
        """;

    private readonly string _bin;
    private readonly string _folder;
    private readonly Process _guard;

    private PostgresServer(string bin, string folder)
    {
        (_bin, _folder) = (bin, folder);
        _guard = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", Script, "guard", folder]) { RedirectStandardInput = true })
            ?? throw new HammerException("The guard of the cluster did not start.");
    }

    /// <summary>What the server is told in AUDIT_DATABASE_URL; the host is the folder of the socket.</summary>
    public string Url => $"postgresql://postgres@{Uri.EscapeDataString(_folder)}:{Port}/{Database}";

    private string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Makes a cluster, starts it, and creates an empty database.</summary>
    /// <param name="bin">Where initdb, pg_ctl and createdb are, or null to look for them.</param>
    public static async Task<PostgresServer> CreateAsync(string? bin)
    {
        var server = new PostgresServer(bin ?? FindBinaries(), Directory.CreateTempSubdirectory("probity-crash-").FullName);
        try
        {
            await server.InitialiseAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server and returns when it accepts connections.</summary>
    public async Task StartAsync()
    {
        // Backends of a killed postmaster hold its shared memory until they notice; until then a start is refused.
        const int Attempts = 60;
        string[] start =
        [
            "-D", DataFolder, "-l", Path.Combine(_folder, "log"), "-w", "-t", "60",
            "-o", $"-k {_folder} -p {Port} -c listen_addresses='' -c max_connections=200", "start",
        ];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsOwnerAsync("pg_ctl", start);
                return;
            }
            catch (HammerException) when (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    /// <summary>SIGKILL to the postmaster, and wait until it is gone.</summary>
    public async Task KillAsync()
    {
        var first = (await File.ReadAllLinesAsync(Path.Combine(DataFolder, "postmaster.pid")))[0];
        using var postmaster = Process.GetProcessById(int.Parse(first, NumberStyles.None, CultureInfo.InvariantCulture));
        postmaster.Kill();
        await postmaster.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    private async Task InitialiseAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres", _folder]);
        }

        await RunAsOwnerAsync(
            "initdb", ["-D", DataFolder, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "-N"]);
        await StartAsync();
        await RunAsOwnerAsync("createdb", ["-h", _folder, "-p", Port, "-U", "postgres", Database]);
    }

    /// <summary>PostgreSQL refuses to run as root, so root becomes the Debian user of the server.</summary>
    private Task RunAsOwnerAsync(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("runuser", ["-u", "postgres", "--", Path.Combine(_bin, program), .. arguments])
        : RunAsync(Path.Combine(_bin, program), arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new HammerException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new HammerException($"{arguments.LastOrDefault()} of {program} ended with {process.ExitCode}: {errors}");
        }
    }

    private static string FindBinaries()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(debian)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb"))
                && File.Exists(Path.Combine(folder, "pg_ctl")) && File.Exists(Path.Combine(folder, "createdb")))
            ?? throw new UsageException("No PostgreSQL binaries found; name their folder with --pg-bin.");
    }
}
