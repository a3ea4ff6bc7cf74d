using Probity.Screening.Lists.Values;
using Probity.Screening.Model;
using Xunit;

namespace Probity.Tests.Screening.Lists;

/// <summary>Dates as lists write them, with their precision.</summary>
public sealed class DateTextTests
{
    [Theory]
    [InlineData("10 Dec 1948", "1948-12-10")]
    [InlineData("Jan 1970", "1970-01")]
    [InlineData("1962", "1962")]
    [InlineData("circa 1951", "circa 1951")]
    [InlineData("1955 to 1958", "1955/1958")]
    [InlineData("circa 1955 to circa 1958", "circa 1955/1958")]
    [InlineData("Between 1980 and 1985", "1980/1985")]
    [InlineData("01 Jan 1962 to 31 Dec 1962", "1962")]
    [InlineData("05 Aug 1962 to 31 Dec 1963", "1962-08-05/1963-12-31")]
    [InlineData("Approximately 1965", "circa 1965")]
    [InlineData("1973-03-25", "1973-03-25")]
    [InlineData("1973-03", "1973-03")]
    [InlineData("00/00/1980", "1980")]
    [InlineData("00/08/1980", "1980-08")]
    [InlineData("dd/mm/1962", "1962")]
    [InlineData("26/12/1955", "1955-12-26")]
    [InlineData("1 September 1971.", "1971-09-01")]
    [InlineData("2 Sept 1971", "1971-09-02")]
    [InlineData("1961-1963", "1961/1963")]
    [InlineData("29 Feb 2000", "2000-02-29")]
    public void A_date_keeps_what_is_known(string text, string expected)
    {
        Assert.True(DateText.TryParse(text, DateKind.Birth, out var date));
        Assert.Equal(expected, date.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("unknown")]
    [InlineData("30 Feb 1980")]
    [InlineData("31/02/1980")]
    [InlineData("1958 to 1955")]
    [InlineData("late 1960s")]
    [InlineData("0000-00-00")]
    [InlineData("99/99/1980")]
    public void What_is_no_date_is_none(string? text) =>
        Assert.False(DateText.TryParse(text, DateKind.Birth, out _));

    [Theory]
    [InlineData(1980, 2, 0, "1980-02-01", "1980-02-29")]
    [InlineData(1981, 0, 0, "1981-01-01", "1981-12-31")]
    [InlineData(1981, 5, 6, "1981-05-06", "1981-05-06")]
    public void A_partial_date_knows_its_first_and_last_day(int year, int month, int day, string first, string last)
    {
        var date = new PartialDate(year, month, day);

        Assert.Equal((first, last), ($"{date.First:yyyy-MM-dd}", $"{date.Last:yyyy-MM-dd}"));
    }

    [Fact]
    public void A_date_that_does_not_exist_cannot_be_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartialDate(1981, 2, 29));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartialDate(1981, 0, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PartialDate(0));
    }
}
