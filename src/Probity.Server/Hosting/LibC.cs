using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Probity.Server.Hosting;

/// <summary>What .NET does not offer for files on Unix. Not for Windows.</summary>
internal static class LibC
{
    private const int ReadOnly = 0;

    /// <summary>Makes the names in a folder durable; .NET opens no folder.</summary>
    public static void SyncFolder(string folder)
    {
        using var handle = new SafeFileHandle(Open(Encoding.UTF8.GetBytes(folder + '\0'), ReadOnly), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            _ = Fsync(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(SafeFileHandle handle);
}
