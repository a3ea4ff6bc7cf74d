using System.Threading.RateLimiting;
using Probity.Contracts.Problems;
using Probity.Server.Access.SignIn;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access;

/// <summary>
/// A quota of requests for each caller, and for each address that has none: generous for work, finite for a loop gone
/// wrong. Over it the answer is 429; an overload of the server itself is 503.
/// </summary>
internal sealed class RequestQuota : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter;

    public RequestQuota(QuotaLimits limits) => _limiter = PartitionedRateLimiter.Create<string, string>(who =>
        RateLimitPartition.GetTokenBucketLimiter(who, key => new TokenBucketRateLimiterOptions
        {
            TokenLimit = key.StartsWith("ip ", StringComparison.Ordinal) ? limits.AnonymousBurst : limits.CallerBurst,
            TokensPerPeriod = key.StartsWith("ip ", StringComparison.Ordinal) ? limits.AnonymousPerSecond : limits.CallerPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            AutoReplenishment = true,
        }));

    /// <summary>Takes one request of the quota.</summary>
    /// <exception cref="ProblemException">request.rate_limited.</exception>
    public void Take(HttpContext context, Caller? caller)
    {
        var who = caller?.Id ?? "ip " + SignInSource.NetworkOf(context.Connection.RemoteIpAddress);
        using var lease = _limiter.AttemptAcquire(who);
        if (!lease.IsAcquired)
        {
            throw new ProblemException(ErrorCodes.RequestRateLimited)
            {
                RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1),
            };
        }
    }

    public void Dispose() => _limiter.Dispose();
}

/// <summary>Requests a second, and how many may come at once.</summary>
internal sealed record QuotaLimits(int CallerPerSecond, int CallerBurst, int AnonymousPerSecond, int AnonymousBurst)
{
    // A system that records events one by one over many connections reaches several thousand a second.
    public static QuotaLimits Default { get; } = new(20_000, 40_000, 500, 2_000);
}
