using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class SourceTimeTests
{
    [Theory]
    [InlineData("2024-08-02T08:23:24Z", "2024-08-02T08:23:24Z", false)]
    [InlineData("2020-11-25 21:27:03.496000000", "2020-11-25T21:27:03.496Z", true)]
    [InlineData("2020-08-01 07:53:23", "2020-08-01T07:53:23Z", true)]
    [InlineData("2022-02-24T17:00:39.927837462Z", "2022-02-24T17:00:39.927837Z", false)]
    [InlineData("2024-01-01T00:30:00+02:00", "2023-12-31T22:30:00Z", false)]
    [InlineData("2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00Z", false)]
    public void A_time_is_written_in_utc(string text, string utc, bool zoneAssumed)
    {
        Assert.True(SourceTime.TryParse(text, out var written, out var assumed));
        Assert.Equal((utc, zoneAssumed), (written, assumed));
    }

    [Theory]
    [InlineData("2025-10-21TT00:52:27Z")]
    [InlineData("2025-10-21")]
    [InlineData("2025-02-29T00:00:00Z")]
    [InlineData("2025-10-21T24:00:00Z")]
    [InlineData("2025-10-21T00:52:27")]
    [InlineData("2025-10-21T00:52:27Z\n")]
    [InlineData("21/10/2025 00:52:27")]
    [InlineData("2025-10-21T00:52:27.Z")]
    [InlineData("")]
    public void A_time_that_is_nearly_right_is_refused(string text)
    {
        // A missing offset is the one thing that is filled in, and then it is said.
        Assert.Equal(text == "2025-10-21T00:52:27", SourceTime.TryParse(text, out _, out var assumed) && assumed);
    }

    [Theory]
    [InlineData(1621305118553, "2021-05-18T02:31:58.553Z")]
    [InlineData(1621305118, "2021-05-18T02:31:58Z")]
    public void An_epoch_is_read_in_milliseconds_or_seconds(long epoch, string utc)
    {
        Assert.True(SourceTime.TryParseEpoch(epoch, out var written));
        Assert.Equal(utc, written);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1621305118553000)]
    public void An_epoch_out_of_range_is_refused(long epoch)
        => Assert.False(SourceTime.TryParseEpoch(epoch, out _));
}
