namespace Probity.Server.Access.Monitoring;

/// <summary>What a person has read up to and with the reading that is judged.</summary>
/// <param name="DayRecords">Records of the day.</param>
/// <param name="HourDenied">Refusals of the hour.</param>
/// <param name="BaselineRecords">Records of the 28 days before this one, together.</param>
/// <param name="IsFirstInCompartment">Whether the person was never before in the reading's compartment.</param>
/// <param name="Relations">What the reader has to do with what was read: digest and kind.</param>
internal sealed record ReadingFacts(
    long DayRecords, long HourDenied, long BaselineRecords, bool IsFirstInCompartment, IReadOnlyList<(string Subject, string Kind)> Relations);

/// <summary>Something unusual, before it is written down.</summary>
internal sealed record Unusual(string Kind, string Key, long Observed, long Threshold, string? About = null);

/// <summary>Decides what is unusual. Pure: the same readings give the same findings.</summary>
internal static class ReadingJudge
{
    public const int BaselineDays = 28;
    public const int LeastVolume = 50;
    public const int Times = 5;
    public const int MostDenied = 10;

    /// <param name="reading">The read or refusal.</param>
    /// <param name="person">Who read.</param>
    /// <param name="facts">What was read before.</param>
    /// <param name="policy">When the institution works.</param>
    /// <param name="zone">Where it works.</param>
    public static IEnumerable<Unusual> Judge(Reading reading, string person, ReadingFacts facts, ReadingPolicy policy, TimeZoneInfo zone)
    {
        var day = DayOf(reading.At, zone);
        if (reading.IsDenied)
        {
            if (facts.HourDenied > MostDenied)
            {
                yield return new(FindingKinds.Denied, $"denied:{person}:{HourOf(reading.At)}", facts.HourDenied, MostDenied);
            }

            yield break;
        }

        // More than fifty and more than five times the own average, in whole numbers: n > 5 * sum / 28.
        if (facts.DayRecords > LeastVolume && facts.DayRecords * BaselineDays > Times * facts.BaselineRecords)
        {
            yield return new(
                FindingKinds.Volume, $"volume:{person}:{day}", facts.DayRecords,
                Math.Max(LeastVolume, Times * facts.BaselineRecords / BaselineDays));
        }

        if (!policy.IsWorking(reading.At, zone))
        {
            yield return new(FindingKinds.Hours, $"hours:{person}:{day}", 1, 0);
        }

        if (facts.IsFirstInCompartment)
        {
            yield return new(FindingKinds.Compartment, $"compartment:{person}:{reading.Compartment}", 1, 0, reading.Compartment);
        }

        foreach (var (subject, kind) in facts.Relations)
        {
            yield return new(FindingKinds.Own, $"own:{person}:{subject}:{day}", 1, 0, kind);
        }
    }

    /// <summary>Days since 1970 in the institution's zone.</summary>
    public static long DayOf(DateTimeOffset at, TimeZoneInfo zone) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>Hours since 1970.</summary>
    public static long HourOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 3600;
}
