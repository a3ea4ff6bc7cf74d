using Probity.Screening.Payments;
using Xunit;

namespace Probity.Tests.Screening.Engine;

public sealed class PaymentTextTests
{
    [Theory]
    [InlineData("BORIS KAROVSKY 12 LENIN STREET MOSCOW", "p1")]
    [InlineData("BORIS KAROVSKY, MOSCOW RUSSIA", "p1")]
    [InlineData("/12345678\n1/BORIS KAROVSKY\n2/12 LENIN STREET\n3/RU/MOSCOW", "p1")]
    [InlineData("FREIGHT MV OCEAN VELDRA VOYAGE 12", "v1")]
    [InlineData("CARGO IMO 9187629", "v1")]
    public void A_listed_party_in_free_text_is_found(string text, string uid) =>
        Assert.Contains(Found(text), found => found == uid);

    [Theory]
    [InlineData("INVOICE 9187630 JOHN SMITH 12 HIGH STREET LEEDS")]
    [InlineData("1/JANE MILLER\n2/5 MAIN STREET\n3/US/BOSTON")]
    public void Innocent_text_finds_nothing(string text) => Assert.Empty(Found(text));

    private static string[] Found(string text) =>
        [.. PaymentText.Pieces(text).SelectMany(piece => Samples.Engine.Search(piece.Query)).Select(match =>
            match.Entity.Uid).Distinct()];
}
