using Probity.Screening.Matching;
using Xunit;

namespace Probity.Tests.Screening.Engine;

public sealed class OfacScoreTests
{
    // Winkler's published examples, as whole numbers of ten-thousandths.
    [Theory]
    [InlineData("martha", "marhta", 9611)]
    [InlineData("dixon", "dicksonx", 8133)]
    [InlineData("dwayne", "duane", 8400)]
    public void Jaro_Winkler_agrees_with_the_published_examples(string one, string other, int expected) =>
        Assert.InRange(OfacScore.JaroWinkler(one, other), expected - 3, expected + 3);

    [Theory]
    [InlineData("robert", "r163")]
    [InlineData("rupert", "r163")]
    [InlineData("tymczak", "t522")]
    [InlineData("pfister", "p236")]
    public void Soundex_agrees_with_the_national_archives(string word, string code) => Assert.Equal(code,
        OfacScore.Soundex(word));

    [Fact]
    public void The_same_name_scores_a_hundred_and_another_one_little()
    {
        Assert.Equal(100, OfacScore.Of("Boris Karovsky", "KAROVSKY, Boris"));
        Assert.InRange(OfacScore.Of("Jane Miller", "KAROVSKY, Boris"), 0, 60);
    }
}
