using System.Diagnostics;
using System.Net.Sockets;
using Probity.Hammer.Http;

namespace Probity.Hammer.Crash;

/// <summary>The real server as a child process that is killed and started again. Not thread safe.</summary>
internal sealed class ServerProcess(ServerCommand command, LoopbackTarget target, string log) : IDisposable
{
    // exec keeps the process id, so that the signal reaches the server and not the shell.
    private const string Script = "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null";
    private static readonly TimeSpan s_readyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);
    private readonly ProcessGuard _guard = new();
    private Process? _process;

    /// <summary>Processor time the running server has used; tells a slow start from a busy machine.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process?.Refresh();
            return _process is { HasExited: false } process ? process.TotalProcessorTime : TimeSpan.Zero;
        }
    }

    /// <summary>Memory the running server holds; 0 when there is none.</summary>
    public long MemoryBytes
    {
        get
        {
            _process?.Refresh();
            return _process is { HasExited: false } process ? process.WorkingSet64 : 0;
        }
    }

    /// <summary>Starts the server and returns how long it took until /readyz said yes.</summary>
    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "server", log, .. command.Arguments(target)]);
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        // How this process treats its own sockets is no setting of the server: it must run as in production.
        foreach (var name in start.Environment.Keys.Where(IsSocketSetting).ToArray())
        {
            start.Environment.Remove(name);
        }

        _process = Process.Start(start) ?? throw new HammerException("The server did not start.");
        _guard.Watch(_process.Id);
        return await WaitReadyAsync(started, cancellationToken);
    }

    /// <summary>Waits until /readyz says yes and returns the time since <paramref name="started"/>.</summary>
    public async Task<TimeSpan> WaitReadyAsync(long started, CancellationToken cancellationToken)
    {
        using var connection = new RawConnection(target);
        while (Stopwatch.GetElapsedTime(started) < s_readyLimit)
        {
            if (_process is not { HasExited: false })
            {
                throw new HammerException($"The server ended by itself; its output is in {log}.");
            }

            if (await IsReadyAsync(connection, cancellationToken))
            {
                return Stopwatch.GetElapsedTime(started);
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        throw new HammerException($"The server was not ready within {s_readyLimit.TotalSeconds} s; see {log}.");
    }

    /// <summary>SIGKILL, and wait until the process is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
        {
            return;
        }

        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _guard.Watch(0);
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        _guard.Dispose();
        _process?.Dispose();
    }

    private static bool IsSocketSetting(string name) =>
        name.StartsWith("DOTNET_SYSTEM_NET_SOCKETS_", StringComparison.Ordinal);

    private static async Task<bool> IsReadyAsync(RawConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return (await connection.GetAsync("/readyz", null, cancellationToken)).Status == 200;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
