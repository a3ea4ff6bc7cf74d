using System.Xml.Linq;

namespace Probity.Tests.Style;

/// <summary>Which way projects point (architecture 2). Pure: project files in, faults out.</summary>
internal static class BoundaryRules
{
    private static readonly string[] s_pure =
        ["Probity.Ledger", "Probity.Contracts", "Probity.Screening", "Probity.Monitoring", "Probity.Filing"];

    // What a project may refer to. A new project needs its line here, and the architecture its place for it.
    private static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["Probity.Ledger"] = [],
        ["Probity.Contracts"] = ["Probity.Ledger"],
        ["Probity.Screening"] = ["Probity.Contracts", "Probity.Ledger"],
        ["Probity.Monitoring"] = ["Probity.Contracts", "Probity.Ledger"],
        ["Probity.Filing"] = ["Probity.Contracts", "Probity.Ledger"],
        ["Probity.Server"] =
        [
            "Probity.Contracts", "Probity.Ledger", "Probity.Screening", "Probity.Monitoring", "Probity.Filing",
        ],
        ["Probity.Client"] = ["Probity.Contracts", "Probity.Ledger"],
        ["Probity.Client.AspNetCore"] = ["Probity.Client"],
        ["Probity.Client.EntityFrameworkCore"] = ["Probity.Client"],
        ["Probity.Client.Testing"] = ["Probity.Client"],
        ["Probity.Client.Analyzers"] = ["Probity.Client"],
        ["Probity.Verifier"] = ["Probity.Ledger"],
    };

    private static readonly string[] s_impure =
    [
        "Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Microsoft.Data.", "Microsoft.Extensions.Hosting", "Npgsql",
        "Dapper", "SQLitePCL", "System.Data.Common", "StackExchange.Redis", "Microsoft.Orleans", "Orleans",
    ];

    /// <summary>Faults of one project under <c>src</c>.</summary>
    /// <param name="name">The project's name.</param>
    /// <param name="project">The text of its file.</param>
    public static IReadOnlyList<string> FaultsOf(string name, string project)
    {
        var root = XElement.Parse(project);
        var refers = root.Descendants("ProjectReference").Select(item => NameOf((string?)item.Attribute("Include"))).ToList();
        if (!s_allowed.TryGetValue(name, out var allowed))
        {
            return [$"{name} has no place in the order of projects"];
        }

        var faults = refers.Except(allowed, StringComparer.Ordinal).Select(other => $"{name} refers to {other}").ToList();
        if (s_pure.Contains(name, StringComparer.Ordinal))
        {
            faults.AddRange(Impure(name, root));
        }

        return faults;
    }

    /// <summary>Faults of what a built assembly refers to: packages of packages show here too.</summary>
    public static IReadOnlyList<string> FaultsOf(string name, IEnumerable<string> referredAssemblies) =>
        [.. referredAssemblies
            .Where(other => other.StartsWith("Probity.", StringComparison.Ordinal)
                ? !s_allowed[name].Contains(other, StringComparer.Ordinal)
                : IsImpure(other) && s_pure.Contains(name, StringComparer.Ordinal))
            .Select(other => $"{name} refers to {other}")];

    private static IEnumerable<string> Impure(string name, XElement root)
    {
        if ((string?)root.Attribute("Sdk") != "Microsoft.NET.Sdk")
        {
            yield return $"{name} is made with the SDK {(string?)root.Attribute("Sdk")}";
        }

        foreach (var item in root.Descendants("FrameworkReference").Concat(root.Descendants("PackageReference")))
        {
            var other = (string?)item.Attribute("Include") ?? "";
            if (item.Name == "FrameworkReference" || IsImpure(other))
            {
                yield return $"{name} refers to {other}";
            }
        }
    }

    private static bool IsImpure(string other) =>
        s_impure.Any(start => other.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    private static string NameOf(string? path) => Path.GetFileNameWithoutExtension((path ?? "").Replace('\\', '/'));
}
