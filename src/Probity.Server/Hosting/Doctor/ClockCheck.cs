using System.Data.Common;
using System.Globalization;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Whether the clock runs forward evenly, is not absurd, and agrees with that of the database.</summary>
internal sealed class ClockCheck(TimeProvider clock) : IDoctorCheck
{
    private const int EarliestYear = 2026;
    private static readonly TimeSpan s_watch = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_jump = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_drift = TimeSpan.FromSeconds(2);

    public string Name => "clock";

    public async Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken)
    {
        var findings = new List<Finding> { await WatchAsync(cancellationToken) };
        if (clock.GetUtcNow().Year < EarliestYear)
        {
            findings.Add(new(FindingKind.Fault, Name, "the clock shows a year before this product existed", "set the clock, and keep it by NTP"));
        }

        if (settings.Store.Kind == StoreKind.Postgres)
        {
            findings.Add(await CompareAsync(settings.Store, cancellationToken));
        }

        return findings;
    }

    private async Task<Finding> WatchAsync(CancellationToken cancellationToken)
    {
        var (wall, steady) = (clock.GetUtcNow(), clock.GetTimestamp());
        await Task.Delay(s_watch, clock, cancellationToken);
        var gap = clock.GetUtcNow() - wall - clock.GetElapsedTime(steady);
        return gap.Duration() < s_jump
            ? new(FindingKind.Ok, Name, string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}, runs evenly"))
            : new(FindingKind.Warning, Name, string.Create(CultureInfo.InvariantCulture, $"it jumped by {gap.TotalMilliseconds:F0} ms while watched"), "keep it by NTP, slewing instead of stepping");
    }

    private async Task<Finding> CompareAsync(StoreAddress store, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await StoreConnection.OpenAsync(store, cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT clock_timestamp()";
            var sent = clock.GetTimestamp();
            var there = await command.ExecuteScalarAsync(cancellationToken) is DateTime time
                ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))
                : throw new InvalidOperationException("clock_timestamp() is a timestamp.");

            // Half of the way there and back: the reading was taken about in the middle.
            var drift = there - (clock.GetUtcNow() - (clock.GetElapsedTime(sent) / 2));
            var text = string.Create(CultureInfo.InvariantCulture, $"the database's clock differs by {drift.TotalMilliseconds:F0} ms");
            return drift.Duration() < s_drift
                ? new(FindingKind.Ok, Name, text)
                : new(FindingKind.Warning, Name, text, "keep both clocks by NTP");
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or IOException)
        {
            return new(FindingKind.Fault, Name, "the database's clock cannot be read");
        }
    }
}
