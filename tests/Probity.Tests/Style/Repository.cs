namespace Probity.Tests.Style;

/// <summary>The files of this repository, for rules that look at sources.</summary>
internal static class Repository
{
    private static readonly string[] s_folders = ["src", "tests", "bench"];
    private static readonly string[] s_built = ["bin", "obj"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths with forward slashes from the root, in order; nothing that a build made.</summary>
    public static IReadOnlyList<string> Files(string extension) =>
        [.. s_folders.SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(Root, folder), "*" + extension, SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Intersect(s_built, StringComparer.Ordinal).Any())
            .Order(StringComparer.Ordinal)];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Probity.slnx")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests run below Probity.slnx.");
    }
}
