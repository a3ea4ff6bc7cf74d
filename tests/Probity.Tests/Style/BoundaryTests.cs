using Xunit;

namespace Probity.Tests.Style;

/// <summary>Projects point one way, and the pure ones know nothing of the world outside.</summary>
public sealed class BoundaryTests
{
    private const string Contracts = """
        <Project Sdk="Microsoft.NET.Sdk"><ItemGroup>{0}</ItemGroup></Project>
        """;

    [Fact]
    public void Projects_point_one_way()
    {
        var projects = Repository.Files(".csproj").Where(path => path.StartsWith("src/", StringComparison.Ordinal)).ToList();

        Assert.True(projects.Count >= 4);
        Assert.Equal([], projects.SelectMany(path =>
            BoundaryRules.FaultsOf(Path.GetFileNameWithoutExtension(path), Repository.Read(path))));
    }

    [Theory]
    [InlineData(typeof(Probity.Ledger.Merkle.Digest), "Probity.Ledger")]
    [InlineData(typeof(Probity.Contracts.Problems.ErrorCode), "Probity.Contracts")]
    [InlineData(typeof(Probity.Screening.Model.ListedEntity), "Probity.Screening")]
    [InlineData(typeof(Probity.Monitoring.Transaction), "Probity.Monitoring")]
    public void Built_assemblies_refer_to_no_more_than_their_projects(Type member, string name)
    {
        var referred = member.Assembly.GetReferencedAssemblies().Select(other => other.Name ?? "").ToList();

        Assert.NotEmpty(referred);
        Assert.Equal([], BoundaryRules.FaultsOf(name, referred));
    }

    [Theory]
    [InlineData("""<ProjectReference Include="../Probity.Server/Probity.Server.csproj" />""")]
    [InlineData("""<ProjectReference Include="..\Probity.Verifier\Probity.Verifier.csproj" />""")]
    [InlineData("""<FrameworkReference Include="Microsoft.AspNetCore.App" />""")]
    [InlineData("""<PackageReference Include="Microsoft.EntityFrameworkCore.Sqlite" />""")]
    [InlineData("""<PackageReference Include="Npgsql" />""")]
    [InlineData("""<PackageReference Include="Microsoft.Data.Sqlite" />""")]
    public void A_reference_the_wrong_way_is_seen(string item)
    {
        Assert.Single(BoundaryRules.FaultsOf("Probity.Contracts", Project(item)));
        Assert.Single(BoundaryRules.FaultsOf("Probity.Ledger", Project(item)));
    }

    [Fact]
    public void Other_faults_are_seen_and_what_is_allowed_is_not()
    {
        const string Ledger = """<ProjectReference Include="../Probity.Ledger/Probity.Ledger.csproj" />""";

        Assert.Empty(BoundaryRules.FaultsOf("Probity.Contracts", Project(Ledger)));
        Assert.Single(BoundaryRules.FaultsOf("Probity.Stranger", Project("")));
        Assert.Single(BoundaryRules.FaultsOf(
            "Probity.Ledger", Project("").Replace("NET.Sdk", "NET.Sdk.Web", StringComparison.Ordinal)));
        Assert.Single(BoundaryRules.FaultsOf(
            "Probity.Verifier", Project("""<ProjectReference Include="../Probity.Contracts/Probity.Contracts.csproj" />""")));
        Assert.Empty(BoundaryRules.FaultsOf("Probity.Server", Project("""<PackageReference Include="Npgsql" />""")));
        Assert.Equal(
            ["Probity.Ledger refers to Npgsql", "Probity.Ledger refers to Probity.Contracts"],
            BoundaryRules.FaultsOf("Probity.Ledger", ["System.Runtime", "Npgsql", "Probity.Contracts"]));
    }

    private static string Project(string items) => Contracts.Replace("{0}", items, StringComparison.Ordinal);
}
