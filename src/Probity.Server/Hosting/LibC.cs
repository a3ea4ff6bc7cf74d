using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Probity.Server.Hosting;

/// <summary>What .NET does not offer for files and threads on Unix. Not for Windows.</summary>
internal static class LibC
{
    private const int ReadOnly = 0;
    private const int BackgroundNice = 10; // A tenth of the share of a thread at 0.
    private const int OfProcessOrThread = 0; // PRIO_PROCESS
    private const uint ThisThread = 0;
    private const int NameTaken = 17; // EEXIST, the same number on Linux and macOS

    /// <summary>Makes the names in a folder durable; .NET opens no folder.</summary>
    public static void SyncFolder(string folder)
    {
        using var handle = new SafeFileHandle(Open(Encoding.UTF8.GetBytes(folder + '\0'), ReadOnly), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            _ = Fsync(handle);
        }
    }

    /// <summary>
    /// Gives a file a second name, in one step that fails when the name is taken.
    /// <see cref="File.Move(string, string)"/> does not: it looks whether the name is free, and then renames over
    /// whatever has come there since.
    /// </summary>
    /// <returns>False when the name is taken.</returns>
    /// <exception cref="IOException">The name cannot be given, as on a file system without hard links.</exception>
    public static bool TryLink(string path, string name)
    {
        if (Link(Encoding.UTF8.GetBytes(path + '\0'), Encoding.UTF8.GetBytes(name + '\0')) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NameTaken
            ? false
            : throw new IOException($"{name} cannot be created: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>
    /// Lets the calling thread work only where others leave it the processor. Linux keeps the nice value of each
    /// thread;
    /// elsewhere nothing happens. It cannot be undone without a privilege, so the thread must be the caller's own.
    /// Source: setpriority(2), notes.
    /// </summary>
    public static void MakeWay()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(OfProcessOrThread, ThisThread, BackgroundNice);
        }
    }

    /// <summary>
    /// Does the same with every thread of this process that has a name. Where the threads cannot be listed, nothing
    /// happens.
    /// </summary>
    /// <param name="name">The name, of 15 bytes at most as the kernel keeps it.</param>
    public static void MakeWay(string name)
    {
        var threads = new DirectoryInfo("/proc/self/task");
        if (!OperatingSystem.IsLinux() || !threads.Exists)
        {
            return;
        }

        foreach (var thread in threads.EnumerateDirectories())
        {
            if (NameOf(thread) == name && uint.TryParse(thread.Name, out var id))
            {
                _ = SetPriority(OfProcessOrThread, id, BackgroundNice);
            }
        }
    }

    private static string? NameOf(DirectoryInfo thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread.FullName, "comm")).TrimEnd();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null; // It has ended since, or may not be looked at.
        }
    }

    [DllImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, uint who, int nice);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] path, byte[] name);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(SafeFileHandle handle);
}
