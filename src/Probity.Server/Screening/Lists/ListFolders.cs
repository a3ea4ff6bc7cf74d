using Probity.Screening.Lists.Reading;

namespace Probity.Server.Screening.Lists;

/// <summary>Finds the files of lists on disk.</summary>
internal static class ListFolders
{
    /// <summary>The most files looked at below one path.</summary>
    public const int MaxFiles = 5_000;

    /// <summary>Lists files, and those below folders in the order of their paths. Links are not followed.</summary>
    /// <exception cref="IOException">A path is not there, or a folder holds too many files.</exception>
    public static IReadOnlyList<ListFile> Files(IEnumerable<string> paths) => [.. paths.SelectMany(Below)];

    private static IEnumerable<ListFile> Below(string path)
    {
        if (File.Exists(path))
        {
            return [Of(path)];
        }

        if (!Directory.Exists(path))
        {
            throw new FileNotFoundException($"There is no file or folder {path}.");
        }

        var files = Directory.EnumerateFiles(path, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
                MaxRecursionDepth = 16,
        }).Take(MaxFiles + 1).Order(StringComparer.Ordinal).ToList();
        return files.Count > MaxFiles
            ? throw new IOException($"The folder {path} holds more than {MaxFiles} files: name a narrower one.")
            : files.Select(Of);
    }

    private static ListFile Of(string path) => new(path, () => File.OpenRead(path));
}
