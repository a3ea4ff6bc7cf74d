using Probity.Server.AuditTrail.Append;
using Xunit;

namespace Probity.Server.Tests.AuditTrail;

public sealed class GatheringTests
{
    [Theory]
    [InlineData(2, 2, 0.1, true)]
    [InlineData(60, 64, 2.9, true)]
    [InlineData(1, 1, 0.1, false)] // One after another: nobody else is there.
    [InlineData(1, 64, 0.1, false)]
    [InlineData(2, 65, 0.1, false)] // A crowd gathers by itself.
    [InlineData(2, 2, 3, false)] // The first after a pause.
    [InlineData(0, 0, 0.1, false)] // The first of all.
    public void Only_a_few_requests_that_come_together_wait_for_more(
        int requests, int entries, double sinceMilliseconds, bool expected) =>
        Assert.Equal(
            expected, LedgerWriter.ShouldRest(requests, entries, TimeSpan.FromMilliseconds(sinceMilliseconds)));
}
