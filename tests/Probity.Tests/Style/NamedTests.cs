using System.Text.RegularExpressions;

namespace Probity.Tests.Style;

/// <summary>
/// Every test of the repository by name, read from the sources: documents name tests, and must not lie.
/// </summary>
internal static partial class NamedTests
{
    /// <summary><c>Class.Method</c> of every test, and <c>Class</c> of every class that has one.</summary>
    public static IReadOnlySet<string> All { get; } = Repository.Files(".cs")
        .Where(path => path.StartsWith("tests/", StringComparison.Ordinal))
        .SelectMany(path => In(Path.GetFileNameWithoutExtension(path), Repository.Read(path)))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>The tests in one file; a file has one class of tests and its name (style 6).</summary>
    public static IReadOnlyList<string> In(string name, string source)
    {
        var methods = Method().Matches(source).Select(m => $"{name}.{m.Groups[1].Value}").ToList();
        return methods.Count == 0 ? [] : [name, .. methods];
    }

    [GeneratedRegex(
        @"\[(?:Fact|Theory)\b[^\n]*\n(?:\s*(?:\[|""|//)[^\n]*\n)*?\s*public\s+(?:async\s+)?\w+\s+(\w+)\(")]
    private static partial Regex Method();
}
