using Probity.Server.AuditTrail.Append;
using Xunit;

namespace Probity.Server.Tests.AuditTrail;

public sealed class GatheringTests
{
    [Theory]
    [InlineData(4, 0.1, true)]
    [InlineData(64, 2.9, true)]
    [InlineData(0, 0.1, false)] // The first of all.
    [InlineData(1, 0.1, false)] // One after another: nobody else is there.
    [InlineData(3, 0.1, false)]
    [InlineData(65, 0.1, false)] // So many gather by themselves while a commit is on its way.
    [InlineData(4, 3, false)] // The first after a pause.
    public void Only_requests_that_come_together_wait_for_each_other(
        int crowd, double sinceMilliseconds, bool expected) =>
        Assert.Equal(expected, LedgerWriter.ShouldRest(crowd, TimeSpan.FromMilliseconds(sinceMilliseconds)));

    [Fact]
    public void A_crowd_is_expected_again_until_it_stays_away()
    {
        var crowd = LedgerWriter.CrowdAfter(0, 1);
        Assert.Equal(1, crowd);

        crowd = LedgerWriter.CrowdAfter(crowd, 40);
        Assert.Equal(40, crowd);
        Assert.Equal(40, LedgerWriter.CrowdAfter(crowd, 40));

        var alone = 0;
        for (; crowd > 1; alone++)
        {
            crowd = LedgerWriter.CrowdAfter(crowd, 1);
        }

        Assert.InRange(alone, 5, 20);
    }
}
