using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Slows guessing down without letting anyone lock another out. Failures are counted in lanes: a source (an IPv4 address
/// or an IPv6 /64) with an account, a source over all accounts, an account over all unknown devices, and a device the
/// account has signed in from before. A full lane delays, longer with each failure; a known device waits for its own lane
/// alone, so what strangers do with an account does not touch the person's browser. Bounded; thread safe.
/// </summary>
internal sealed class SignInThrottle(TimeProvider clock)
{
    private const int MaxLanes = 50_000;
    private static readonly Lane s_pair = new(5, TimeSpan.FromMinutes(15));
    private static readonly Lane s_source = new(30, TimeSpan.FromMinutes(5));
    private static readonly Lane s_account = new(50, TimeSpan.FromMinutes(1));
    private static readonly Lane s_device = new(10, TimeSpan.FromMinutes(5));

    /// <summary>How long a failure counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, LaneCount> _counts = new(StringComparer.Ordinal);

    /// <summary>The lanes of a try, by name.</summary>
    public static IReadOnlyList<string> LanesOf(SignInSource source) => [.. Lanes(source).Select(l => l.Key)];

    /// <summary>How long the try must wait; zero when it may go on.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="others">What other nodes counted in its lanes; null when there are none.</param>
    public TimeSpan Wait(SignInSource source, IReadOnlyDictionary<string, LaneCount>? others = null)
    {
        var now = clock.GetUtcNow();
        var wait = Lanes(source).Max(
            l => Until(l.Lane, _counts.GetValueOrDefault(l.Key), others?.GetValueOrDefault(l.Key), now) - now);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>What this node counted in the lanes of a try.</summary>
    public IReadOnlyDictionary<string, LaneCount> CountsOf(SignInSource source) => Lanes(source)
        .Select(l => (l.Key, Count: _counts.GetValueOrDefault(l.Key))).Where(c => c.Count is not null)
        .ToDictionary(c => c.Key, c => c.Count!, StringComparer.Ordinal); // Those without were left out.

    /// <summary>Counts a failure. True when it filled a lane: worth an entry of its own.</summary>
    public bool Fail(SignInSource source)
    {
        if (_counts.Count > MaxLanes)
        {
            Trim();
        }

        var isFull = false;
        foreach (var (key, lane) in Lanes(source))
        {
            var count = _counts.AddOrUpdate(key, _ => Next(null, lane), (_, old) => Next(old, lane));
            isFull |= count.Failures == lane.Free + 1;
        }

        return isFull;
    }

    /// <summary>
    /// A success empties what only this person fills, the own device and the own pair; the names of these lanes.
    /// </summary>
    public IReadOnlyList<string> Succeed(SignInSource source)
    {
        string[] own = source.IsKnownDevice
            ? [$"p {source.Network} {source.Account}", $"d {source.Account} {source.Network}"]
            : [$"p {source.Network} {source.Account}"];
        foreach (var lane in own)
        {
            _counts.TryRemove(lane, out _);
        }

        return own;
    }

    private LaneCount Next(LaneCount? old, Lane lane)
    {
        var now = clock.GetUtcNow();
        return new LaneCount(old is null || now - old.Last > Memory ? 1 : old.Failures + 1, now);
    }

    private static DateTimeOffset Until(Lane lane, LaneCount? own, LaneCount? others, DateTimeOffset now)
    {
        LaneCount[] fresh = [.. ((LaneCount?[])[own, others]).OfType<LaneCount>().Where(c => now - c.Last <= Memory)];
        var over = fresh.Sum(c => c.Failures) - lane.Free;
        return over <= 0 ? now
            : fresh.Max(c => c.Last)
                + TimeSpan.FromSeconds(Math.Min(lane.Most.TotalSeconds, Math.Pow(2, Math.Min(over, 20))));
    }

    private static (string Key, Lane Lane)[] Lanes(SignInSource source) => source.IsKnownDevice
        ? [($"d {source.Account} {source.Network}", s_device)]
        : [($"p {source.Network} {source.Account}", s_pair), ($"s {source.Network}", s_source), ($"a {source.Account}", s_account)];

    private void Trim()
    {
        var before = clock.GetUtcNow() - Memory;
        foreach (var (key, count) in _counts)
        {
            if (count.Last < before)
            {
                _counts.TryRemove(key, out _);
            }
        }

        if (_counts.Count > MaxLanes)
        {
            // A flood of made-up accounts and sources: the account lanes are what a real guess needs, the rest may go.
            foreach (var key in _counts.Keys.Where(k => k[0] != 'a'))
            {
                _counts.TryRemove(key, out _);
            }
        }

        if (_counts.Count > MaxLanes)
        {
            _counts.Clear();
        }
    }

    private sealed record Lane(int Free, TimeSpan Most);
}

/// <summary>Where a try to sign in comes from.</summary>
/// <param name="Network">The address, of IPv6 the first 64 bits.</param>
/// <param name="Account">The digest of the login, whether it exists or not.</param>
/// <param name="IsKnownDevice">Whether the browser proved that this account has signed in from it.</param>
internal sealed record SignInSource(string Network, string Account, bool IsKnownDevice)
{
    public static string NetworkOf(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is { AddressFamily: AddressFamily.InterNetworkV6 }
            ? Convert.ToHexStringLower(plain.GetAddressBytes().AsSpan(0, 8))
            : plain?.ToString() ?? "";
    }
}
