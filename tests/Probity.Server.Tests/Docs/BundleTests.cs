using System.Security.Cryptography;
using Xunit;

namespace Probity.Server.Tests.Docs;

/// <summary>The scripts that ship are those whose hashes the build wrote down.</summary>
public class BundleTests
{
    [Fact]
    public void Committed_scripts_have_the_hashes_of_their_build()
    {
        var root = Root();
        var lines = File.ReadAllLines(Path.Combine(root, "web", "bundle.sha256"));

        Assert.Equal(3, lines.Length);
        foreach (var line in lines)
        {
            var (hash, name) = (line[..64], line[66..]);
            var bytes = File.ReadAllBytes(Path.Combine(root, "src", "Probity.Server", "wwwroot", "ui", name));
            Assert.True(hash == Convert.ToHexStringLower(SHA256.HashData(bytes)), $"{name}: run npm run bundle in web/");
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Probity.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run below Probity.slnx.");
    }
}
