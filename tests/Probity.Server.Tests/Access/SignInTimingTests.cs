using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Probity.Server.Access.SignIn;
using Xunit;

namespace Probity.Server.Tests.Access;

/// <summary>
/// Whether the time of a refusal tells that a login exists. Tries with a known and an unknown login alternate, and the
/// 95 % interval of the median of the paired differences (order statistics, so no distribution is assumed) must include
/// 0; the same with 1 ms more on one side must not. One interval of twenty lies beside a 0 that is true, so what lies
/// beside it is measured anew, on pairs of its own: a difference that is real lies on the same side twice.
/// </summary>
[Collection(nameof(QuietCollection))]
public sealed class SignInTimingTests(SignInTimingTests.PatientServer server) : IClassFixture<SignInTimingTests.PatientServer>
{
    private const int FewestPairs = 1_000;
    private const int MostPairs = 4_000;

    // Until both ways through the server are compiled for good, which of them is ahead shows in the difference.
    private const int WarmUp = 400;

    /// <summary>Narrow enough to tell a millisecond; when to stop does not look at where the interval lies.</summary>
    private const double WidthMs = 0.8;

    [Fact]
    public async Task The_time_of_a_refusal_does_not_tell_that_a_login_exists_and_a_planted_millisecond_would()
    {
        using var client = server.NewClient();
        await DifferencesAsync(client, WarmUp, WarmUp);
        var found = await MeasureAsync(client);
        var again = SideOf(found) == 0 ? found : await MeasureAsync(client);
        Assert.False(
            SideOf(found) != 0 && SideOf(found) == SideOf(again),
            $"The median difference lies in {Text(found)}, and measured again in {Text(again)}.");
    }

    private static async Task<(double Low, double High)> MeasureAsync(HttpClient client)
    {
        var differences = await DifferencesAsync(client, FewestPairs, MostPairs);
        var found = Interval(differences);
        var planted = Interval([.. differences.Select(d => d + 1.0)]);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{differences.Count} pairs, known minus unknown: 95 % of the median in {Text(found)}; "
            + $"with 1 ms planted {Text(planted)}");
        Assert.SkipUnless(
            found.High - found.Low <= 2 * WidthMs, $"The machine is too busy to tell a millisecond: {Text(found)}.");
        Assert.True(SideOf(planted) > 0, $"A planted millisecond goes unnoticed: {Text(planted)}.");
        return found;
    }

    private static async Task<List<double>> DifferencesAsync(HttpClient client, int fewest, int most)
    {
        var differences = new List<double>();
        while (differences.Count < most && !IsEnough(differences, fewest))
        {
            // Which comes first alternates, so that what one leaves behind for the next falls on both alike.
            var isKnownFirst = differences.Count % 2 == 0;
            var first = await TryAsync(client, isKnownFirst ? AccessServer.Login : "nobody");
            var second = await TryAsync(client, isKnownFirst ? "nobody" : AccessServer.Login);
            differences.Add(isKnownFirst ? first - second : second - first);
        }

        return differences;
    }

    private static bool IsEnough(List<double> differences, int fewest) =>
        differences.Count >= fewest && differences.Count % 50 == 0
        && Interval(differences) is var (low, high) && high - low <= WidthMs;

    private static int SideOf((double Low, double High) interval) => interval.Low > 0 ? 1 : interval.High < 0 ? -1 : 0;

    private static string Text((double Low, double High) interval) => $"[{interval.Low:F3}, {interval.High:F3}] ms";

    private static async Task<double> TryAsync(HttpClient client, string login)
    {
        var from = Stopwatch.GetTimestamp();
        await AccessServer.SendAsync(client, HttpMethod.Post, "/api/v1/session", new { login, password = "a wrong password it is" });
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    private static (double Low, double High) Interval(List<double> values)
    {
        var sorted = values.Order().ToArray();
        var half = 1.96 * Math.Sqrt(sorted.Length) / 2;
        return (sorted[(int)Math.Floor((sorted.Length / 2.0) - half)], sorted[(int)Math.Ceiling((sorted.Length / 2.0) + half)]);
    }

    /// <summary>A server whose clock runs an hour with each look at the throttle: it never says wait.</summary>
    public sealed class PatientServer : AccessServer
    {
        // In memory where there is such a folder: a flush to disk takes as long as everything else together.
        public PatientServer()
            : base(Directory.Exists("/dev/shm") ? "/dev/shm" : null)
        {
        }

        internal override void Adapt(IServiceCollection services) =>
            services.Replace(ServiceDescriptor.Singleton(new SignInThrottle(new HurryingClock())));

        private sealed class HurryingClock : TimeProvider
        {
            private long _hours;

            public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddHours(2 * Interlocked.Increment(ref _hours));
        }
    }
}

/// <summary>What measures time runs alone.</summary>
[CollectionDefinition(nameof(QuietCollection), DisableParallelization = true)]
public sealed class QuietCollection;
