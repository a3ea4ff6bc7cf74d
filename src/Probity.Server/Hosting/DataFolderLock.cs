using System.Globalization;
using System.Text.Json;

namespace Probity.Server.Hosting;

/// <summary>
/// Says which server holds a data folder. The claim is a lock of the operating system on <c>server.lock</c>, so it ends
/// with the process however it ends: a file left behind by a killed server is no claim, whatever process id it names.
/// Disposing gives the folder free.
/// </summary>
internal sealed class DataFolderLock : IDisposable
{
    private const string FileName = "server.lock";

    // Beside the lock, not in it: on Unix whoever opens a file takes a lock on it, even to read.
    private const string HolderFileName = "server.json";
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(50);
    private const int Attempts = 10;

    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <summary>
    /// Takes the folder; null when another server holds it. A command that only looks holds the lock for a moment, so it
    /// is tried for half a second.
    /// </summary>
    public static async Task<DataFolderLock?> TryTakeAsync(string dataDir, CancellationToken cancellationToken)
    {
        Settings.PrivateFile.CreateFolder(dataDir);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryOpen(dataDir) is { } file)
            {
                // What a killed server left behind must not be taken for our address.
                File.Delete(Path.Combine(dataDir, HolderFileName));
                return new DataFolderLock(file);
            }

            await Task.Delay(ProbePause, TimeProvider.System, cancellationToken);
        }

        return null;
    }

    /// <summary>The server that holds the folder; null when none does.</summary>
    public static LockHolder? FindHolder(string dataDir)
    {
        var path = Path.Combine(dataDir, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        using (var probe = TryOpen(dataDir))
        {
            if (probe is not null)
            {
                return null;
            }
        }

        return ReadHolder(Path.Combine(dataDir, HolderFileName));
    }

    /// <summary>Writes who holds the folder and where it listens.</summary>
    public void Announce(Uri url)
    {
        var holder = new LockHolder(Environment.ProcessId, url.ToString());
        var path = HolderPath();
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(holder));
        File.Move(path + ".new", path, overwrite: true);
    }

    public void Dispose()
    {
        File.Delete(HolderPath());
        _file.Dispose();
    }

    private string HolderPath() => Path.Combine(Path.GetDirectoryName(_file.Name)!, HolderFileName); // A file has a folder.

    // FileShare.None is an exclusive flock on Unix.
    private static FileStream? TryOpen(string dataDir)
    {
        try
        {
            return new FileStream(
                Path.Combine(dataDir, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException fault) when (fault is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return null;
        }
    }

    private static LockHolder ReadHolder(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<LockHolder>(File.ReadAllBytes(path)) ?? LockHolder.Unknown;
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            // The server is between taking the lock and announcing itself.
            return LockHolder.Unknown;
        }
    }
}

/// <summary>The server that holds a data folder.</summary>
/// <param name="ProcessId">For people; never used to decide whether the lock is held. 0 when not told yet.</param>
/// <param name="Url">Where it listens; empty when not told yet.</param>
internal sealed record LockHolder(int ProcessId, string Url)
{
    public static readonly LockHolder Unknown = new(0, "");

    public override string ToString() => ProcessId == 0
        ? "a server that is starting"
        : string.Create(CultureInfo.InvariantCulture, $"process {ProcessId} at {Url}");
}
