using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class ReferencePageTests
{
    [Fact]
    public void The_page_of_the_errors_is_that_of_the_catalogue() =>
        AssertPage("docs/reference/errors.md", ErrorReference.Markdown(), "errors");

    [Fact]
    public void The_page_of_the_permissions_is_that_of_the_code() =>
        AssertPage("docs/reference/permissions.md", PermissionReference.Markdown(), "permissions");

    [Fact]
    public void The_README_lists_the_environment_as_it_is_read()
    {
        var readme = Path.Combine(Repository(), "README.md");
        Assert.SkipUnless(File.Exists(readme), "There is no README.md yet.");

        Assert.True(
            File.ReadAllText(readme).Contains(SettingsReport.Markdown(), StringComparison.Ordinal),
            "The table of environment variables in README.md differs: paste the output of `probity docs environment`.");
    }

    private static void AssertPage(string path, string expected, string name) => Assert.True(
        File.ReadAllText(Path.Combine(Repository(), path)) == expected,
        $"{path} differs from the code: run `probity docs {name} > {path}`.");

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Probity.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run below Probity.slnx.");
    }
}
