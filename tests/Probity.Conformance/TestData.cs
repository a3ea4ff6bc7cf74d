using Xunit;

namespace Probity.Conformance;

/// <summary>
/// Finds the folder of published test vectors and data sets, which is not part of this repository.
/// </summary>
/// <remarks>
/// The folder is the one named by the environment variable <c>PROBITY_SHARED_DATA</c>, else the first
/// <c>shared/data</c> found while walking up from the test binary. A test that needs it calls
/// <see cref="SkipUnlessPresent"/> first, so that a missing folder is a named skip and not a silent pass.
/// </remarks>
internal static class TestData
{
    private const string Variable = "PROBITY_SHARED_DATA";

    private static readonly Lazy<string?> Folder = new(Find);

    /// <summary>Gets whether the folder was found.</summary>
    public static bool IsPresent => Folder.Value is not null;

    /// <summary>
    /// Makes a path below the data folder, for example <c>TestData.Path("vectors/jcs/input/weird.json")</c>.
    /// </summary>
    /// <remarks>
    /// Safe to call while tests are discovered: without the folder it returns a path that does not exist.
    /// </remarks>
    public static string Path(string relative)
        => System.IO.Path.Combine([Folder.Value ?? "no-data-folder", .. relative.Split('/')]);

    /// <summary>Reads a file below the data folder, or skips the running test when it is not there.</summary>
    public static byte[] Bytes(string relative)
    {
        SkipUnlessPresent(relative);

        return File.ReadAllBytes(Path(relative));
    }

    /// <summary>
    /// Lists the file names below a folder that match a pattern, in ordinal order; empty when it is not there.
    /// </summary>
    public static IReadOnlyList<string> FileNames(string relative, string pattern = "*")
    {
        var folder = Path(relative);
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var names = Directory.GetFiles(folder, pattern).Select(f => System.IO.Path.GetFileName(f));

        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Skips the running test, naming what is missing, unless the folder (and the part named) is there.
    /// </summary>
    public static void SkipUnlessPresent(string relative = "")
    {
        if (Folder.Value is null)
        {
            Assert.Skip($"The data folder is missing: set {Variable}, or put 'shared/data' beside the repository"
                + (relative.Length == 0 ? "." : $"; this test needs '{relative}' of it."));
        }

        if (relative.Length != 0 && !File.Exists(Path(relative)) && !Directory.Exists(Path(relative)))
        {
            Assert.Skip($"The data folder {Folder.Value} has no '{relative}'.");
        }
    }

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            return Directory.Exists(named) ? System.IO.Path.GetFullPath(named) : null;
        }

        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var candidate = System.IO.Path.Combine(at.FullName, "shared", "data");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
