using Probity.Server.Access.Monitoring;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class ReadingJudgeTests
{
    private static readonly TimeZoneInfo s_berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly DateTimeOffset s_tuesday = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(50, 0, false)]
    [InlineData(51, 0, true)]
    [InlineData(100, 560, false)] // Twenty a day: five times that is a hundred.
    [InlineData(101, 560, true)]
    public void Much_is_more_than_fifty_and_more_than_five_times_the_own_average(long today, long baseline, bool isFound) =>
        Assert.Equal(isFound, Kinds(Read(), Facts() with { DayRecords = today, BaselineRecords = baseline }).Contains(FindingKinds.Volume));

    [Theory]
    [InlineData("2026-11-24T05:59:00Z", true)] // 6:59 in Berlin.
    [InlineData("2026-11-24T06:00:00Z", false)]
    [InlineData("2026-11-24T18:59:00Z", false)]
    [InlineData("2026-11-24T19:00:00Z", true)]
    [InlineData("2026-11-28T12:00:00Z", true)] // A Saturday.
    public void Hours_are_those_of_the_institution(string at, bool isFound) => Assert.Equal(
        isFound,
        Kinds(Read() with { At = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture) }, Facts()).Contains(FindingKinds.Hours));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_first_time_in_a_compartment_is_found(bool isFirst) =>
        Assert.Equal(isFirst, Kinds(Read() with { Compartment = "sars" }, Facts() with { IsFirstInCompartment = isFirst }).Contains(FindingKinds.Compartment));

    [Fact]
    public void Reading_a_relative_is_found_and_reading_others_is_not()
    {
        Assert.Contains(FindingKinds.Own, Kinds(Read(), Facts() with { Relations = [("digest", "relative")] }));
        Assert.DoesNotContain(FindingKinds.Own, Kinds(Read(), Facts()));
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void Many_refusals_in_an_hour_are_found(long denied, bool isFound) => Assert.Equal(
        isFound ? [FindingKinds.Denied] : [],
        Kinds(Read() with { Type = "probity.access.denied" }, Facts() with { HourDenied = denied }));

    [Fact]
    public void Ordinary_reading_is_nothing() => Assert.Empty(Kinds(Read(), Facts()));

    private static List<string> Kinds(Reading reading, ReadingFacts facts) =>
        [.. ReadingJudge.Judge(reading, "usr_1", facts, ReadingPolicy.Default, s_berlin).Select(u => u.Kind)];

    private static ReadingFacts Facts() => new(1, 0, 0, false, []);

    private static Reading Read() => new()
    {
        Seq = 1,
        EntryId = "evt_1",
        Type = "probity.events.read",
        ActorType = "user",
        ActorId = "usr_1",
        At = s_tuesday,
        Records = 1,
        Subjects = [],
    };
}
