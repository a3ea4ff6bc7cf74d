using Probity.Tests.Style;
using Xunit;

namespace Probity.Tests.Screening.Engine;

public sealed class GoldenExplanationTests
{
    private const string Variable = "PROBITY_WRITE_GOLDEN";

    [Fact]
    public void The_twenty_explanations_are_those_of_the_documentation()
    {
        var path = Path.Combine(Repository.Root, "docs", "screening-explanations.md");
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(path, GoldenExplanations.Page());
        }

        Assert.Equal(File.ReadAllText(path), GoldenExplanations.Page());
    }

    [Fact]
    public void There_are_twenty_and_each_finds_somebody()
    {
        Assert.Equal(20, GoldenExplanations.Cases.Count);
        Assert.All(GoldenExplanations.Cases, row => Assert.NotEmpty(Samples.Engine.Search(row.Query)));
    }
}
