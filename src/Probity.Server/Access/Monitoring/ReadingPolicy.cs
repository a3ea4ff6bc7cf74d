using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Monitoring;

/// <summary>When the institution works, and which reads it asks a reason for.</summary>
/// <param name="WorkFrom">Minutes after midnight.</param>
/// <param name="WorkTo">Minutes after midnight, exclusive.</param>
/// <param name="WorkDays">ISO days of the week, 1 is Monday.</param>
/// <param name="ReasonFor">Some of <see cref="Exports"/>, <see cref="Searches"/> and <see cref="Reads"/>.</param>
internal sealed record ReadingPolicy(int WorkFrom, int WorkTo, IReadOnlyList<int> WorkDays, IReadOnlyList<string> ReasonFor)
{
    public const string Exports = "exports";
    public const string Searches = "searches";
    public const string Reads = "reads";

    public static ReadingPolicy Default { get; } = new(7 * 60, 20 * 60, [1, 2, 3, 4, 5], []);

    /// <summary>Whether an instant is within working hours, in the institution's zone.</summary>
    public bool IsWorking(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var day = local.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)local.DayOfWeek;
        var minute = (local.Hour * 60) + local.Minute;
        return WorkDays.Contains(day) && minute >= WorkFrom && minute < WorkTo;
    }

    public bool AsksReason(string type) => ReasonFor.Contains(
        type.EndsWith("exported", StringComparison.Ordinal) ? Exports
        : type.EndsWith("searched", StringComparison.Ordinal) ? Searches : Reads);
}

/// <summary>The one row of <c>reading_policy</c>, when it differs from <see cref="ReadingPolicy.Default"/>.</summary>
internal sealed class ReadingPolicyRow
{
    public const string TheId = "reading";

    public required string Id { get; init; }

    public required int WorkFrom { get; set; }

    public required int WorkTo { get; set; }

    public required string WorkDays { get; set; }

    public required string ReasonFor { get; set; }

    public ReadingPolicy ToPolicy() => new(
        WorkFrom, WorkTo,
        [.. WorkDays.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(d => int.Parse(d, System.Globalization.CultureInfo.InvariantCulture))],
        ReasonFor.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public static void Configure(ModelBuilder model) => model.Entity<ReadingPolicyRow>(map =>
    {
        map.ToTable("reading_policy");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}
