using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage;

namespace Probity.Server.Access.Monitoring;

/// <summary>The policy in force, read at most every five seconds. Thread safe.</summary>
internal sealed class ReadingPolicies(Lazy<IDatabase> database, TimeProvider time)
{
    private static readonly TimeSpan s_freshness = TimeSpan.FromSeconds(5);
    private volatile Remembered? _known;

    public async ValueTask<ReadingPolicy> CurrentAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && time.GetElapsedTime(known.ReadAt) < s_freshness)
        {
            return known.Policy;
        }

        var readAt = time.GetTimestamp();
        await using var db = database.Value.CreateContext();
        var row = await db.Set<ReadingPolicyRow>().AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var policy = row?.ToPolicy() ?? ReadingPolicy.Default;
        _known = new Remembered(policy, readAt);
        return policy;
    }

    public void Forget() => _known = null;

    private sealed record Remembered(ReadingPolicy Policy, long ReadAt);
}
