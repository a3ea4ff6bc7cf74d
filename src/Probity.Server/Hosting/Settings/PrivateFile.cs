using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Hosting.Settings;

/// <summary>Files only their owner may read, created whole or not at all and never replaced.</summary>
internal static class PrivateFile
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = ~(FolderMode | UnixFileMode.StickyBit | UnixFileMode.SetGroup | UnixFileMode.SetUser);

    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, FolderMode);
        }
    }

    /// <summary>
    /// Creates the file with this text, durable when it returns. False when a file is there already, which is left alone.
    /// </summary>
    public static bool TryCreate(string path, string text)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ArgumentException("A file has a folder.", nameof(path));
        CreateFolder(folder);
        var temporary = $"{path}.{RandomNumberGenerator.GetHexString(12, lowercase: true)}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode600;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            return TryName(temporary, path, folder);
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // One step in which the name is free or taken, whoever else tries at the same moment.
    private static bool TryName(string temporary, string path, string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }

        var isOurs = LibC.TryLink(temporary, path);
        LibC.SyncFolder(folder);
        return isOurs;
    }

    /// <summary>Whether someone other than the owner may read or write the file or folder.</summary>
    public static bool IsOpenToOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;
}
