using System.Diagnostics;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>A disk of a few megabytes that a test fills to the last byte and frees again; gone when disposed.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _mount;

    private SmallDisk(DirectoryInfo mount) => _mount = mount;

    public string Path => _mount.FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Mounts it; skips the test by name where that is not possible.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Disk full: only root can mount a small tmpfs.");
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("probity-full-"));
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk.Path))
        {
            disk._mount.Delete();
            Assert.Skip("Disk full: mounting a tmpfs is not allowed here.");
        }

        // What is given back later is enough for the write-ahead log and for the index to catch up.
        File.WriteAllBytes(disk.Ballast, new byte[(megabytes << 20) / 2]);
        return disk;
    }

    /// <summary>A folder on the disk that the user of the PostgreSQL server owns.</summary>
    public string FolderOfPostgres()
    {
        var folder = _mount.CreateSubdirectory("tablespace").FullName;
        Assert.True(Run("chown", "postgres", folder));
        Assert.True(Run("chmod", "755", Path));
        return folder;
    }

    /// <summary>Leaves not one block free.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                filler.Write(new byte[4_096]);
            }
        }
        catch (IOException)
        {
            // The disk is full now.
        }
    }

    /// <summary>Gives space back.</summary>
    public void Free()
    {
        File.Delete(Filler);
        File.Delete(Ballast);
    }

    public void Dispose()
    {
        Run("umount", Path);
        _mount.Delete(recursive: true);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
