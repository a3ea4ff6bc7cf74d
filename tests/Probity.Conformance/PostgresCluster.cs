using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xunit;

namespace Probity.Conformance;

/// <summary>
/// A private PostgreSQL server for one test assembly or one crash test: its own data folder made by initdb, a
/// Unix socket in the same temporary folder, no TCP port, trust authentication. Durability settings are the
/// server's defaults, so a crash test tests what production runs.
/// </summary>
/// <remarks>
/// A guard process holds the reading end of a pipe from this process. When the pipe closes, because the cluster is
/// disposed or because the test process was killed, the guard stops the server by its pid and removes the folder.
/// Use as an assembly, collection or class fixture, or by hand: <c>await using</c> after <see cref="InitializeAsync"/>.
/// </remarks>
public sealed class PostgresCluster : IAsyncLifetime
{
    private const string Port = "54329";
    private const string Guard = """
        read _
        pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
        if [ -n "$pid" ]; then
          kill -QUIT "$pid" 2>/dev/null
          n=0
          while kill -0 "$pid" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done
        fi
        rm -rf "$1"
        """;

    private static readonly string? s_bin = FindBinaries();

    private string? _folder;
    private Process? _guard;
    private int _databases;

    /// <summary>Whether initdb, pg_ctl and postgres were found on PATH or under /usr/lib/postgresql.</summary>
    public static bool IsAvailable => s_bin is not null;

    /// <summary>What a skipped test says; names the store, so that CI can count it.</summary>
    public static string SkipReason =>
        "PostgreSQL: no server binaries (initdb, pg_ctl, postgres) on PATH or under /usr/lib/postgresql.";

    /// <summary>
    /// Skips the calling test, by name, when there is no PostgreSQL on this machine; fails it when
    /// <c>PROBITY_REQUIRE_STORES=1</c> says that every store must be there, as in CI.
    /// </summary>
    public static void SkipIfMissing()
    {
        Assert.True(IsAvailable || !IsRequired, "PROBITY_REQUIRE_STORES is set. " + SkipReason);
        Assert.SkipUnless(IsAvailable, SkipReason);
    }

    private static bool IsRequired => Environment.GetEnvironmentVariable("PROBITY_REQUIRE_STORES") == "1";

    private string Folder => _folder ?? throw new InvalidOperationException(SkipReason);

    /// <summary>The server's own files: tables, indexes and the write-ahead log.</summary>
    public string DataFolder => Path.Combine(Folder, "data");

    /// <summary>Makes the data folder and starts the server; does nothing when the binaries are missing.</summary>
    public async ValueTask InitializeAsync()
    {
        if (s_bin is null)
        {
            return;
        }

        _folder = Directory.CreateTempSubdirectory("probity-pg-").FullName;
        _guard = StartGuard(_folder);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres", _folder]).ConfigureAwait(false);
        }

        await RunAsServerUserAsync(
            "initdb", ["-D", DataFolder, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "-N"])
            .ConfigureAwait(false);
        await StartAsync().ConfigureAwait(false);
    }

    /// <summary>An Npgsql connection string for one database of this server, as its superuser.</summary>
    public string ConnectionString(string database) => string.Create(
        CultureInfo.InvariantCulture,
        $"Host={Folder};Port={Port};Username=postgres;Database={database};Timeout=60;Include Error Detail=true");

    /// <summary>Creates an empty database with a name of its own and returns the name.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync().ConfigureAwait(false);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The name is a prefix and a number made here; DDL takes no parameters.
        command.CommandText = $"CREATE DATABASE {name}";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        return name;
    }

    /// <summary>Starts the server and returns when it accepts connections, also after <see cref="KillAsync"/>.</summary>
    public async Task StartAsync()
    {
        // Backends of a killed postmaster hold its shared memory until they notice; until then a start is refused.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunAsServerUserAsync(
                    "pg_ctl",
                    [
                        "-D", DataFolder, "-l", Path.Combine(Folder, "log"), "-w", "-t", "60",
                        "-o", $"-k {Folder} -p {Port} -c listen_addresses='' -c max_connections=200", "start",
                    ]).ConfigureAwait(false);
                return;
            }
            catch (InvalidOperationException) when (attempt < 40)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Kills the postmaster with SIGKILL, as a crash of the database would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        using var postmaster = Process.GetProcessById(PostmasterPid());
        postmaster.Kill();
        await postmaster.WaitForExitAsync().ConfigureAwait(false);
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>Stops the server by its pid and removes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_guard is null)
        {
            return;
        }

        NpgsqlConnection.ClearAllPools();
        _guard.StandardInput.Close(); // tells the guard to stop the server and remove the folder
        await _guard.WaitForExitAsync().ConfigureAwait(false);
        _guard.Dispose();
        _guard = null;
    }

    private int PostmasterPid()
    {
        var first = File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First();
        return int.Parse(first, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static Process StartGuard(string folder)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Guard, "guard", folder]) { RedirectStandardInput = true };
        return Process.Start(start) ?? throw new InvalidOperationException("The guard of the cluster did not start.");
    }

    /// <summary>PostgreSQL refuses to run as root, so root becomes the Debian user of the server.</summary>
    private static Task RunAsServerUserAsync(string program, string[] arguments)
    {
        var path = Path.Combine(s_bin ?? throw new InvalidOperationException(SkipReason), program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        // pg_ctl sends the server's own output to the log file, so the server does not keep these pipes open.
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await output.ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
        }
    }

    private static string? FindBinaries()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        string[] needed = ["initdb", "pg_ctl", "postgres"];
        return path.Concat(debian).FirstOrDefault(
            folder => needed.All(name => File.Exists(Path.Combine(folder, name))));
    }
}
