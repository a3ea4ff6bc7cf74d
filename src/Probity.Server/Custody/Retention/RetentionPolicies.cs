using Microsoft.EntityFrameworkCore;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;

namespace Probity.Server.Custody.Retention;

/// <summary>A policy in force.</summary>
/// <param name="EventType">The type, or <c>*</c>.</param>
/// <param name="Version">Its version; 0 for the setting.</param>
/// <param name="Period">How long.</param>
/// <param name="CountedFrom">The action from which time is counted; null for the recording.</param>
/// <param name="Basis">The legal ground.</param>
internal sealed record RetentionPolicy(
    string EventType, int Version, RetentionPeriod Period, string? CountedFrom, string Basis)
{
    public const string EveryType = "*";

    /// <summary>The instant from which something that began then need not be kept any more: midnight UTC.</summary>
    public DateTimeOffset EndFor(DateTimeOffset began) =>
        new(Period.EndFor(DateOnly.FromDateTime(began.UtcDateTime)).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>Whether it keeps less than another would.</summary>
    public bool IsShorterThan(RetentionPolicy other, DateTimeOffset now) =>
        EndFor(now) < other.EndFor(now) || CountedFrom != other.CountedFrom;
}

/// <summary>The policies in force: the newest version for each type, and the setting where none is stored for
/// all.</summary>
internal sealed class RetentionPolicies(IDatabase database, ProbitySettings settings)
{
    public async Task<IReadOnlyList<RetentionPolicy>> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await CurrentAsync(db, cancellationToken);
    }

    public async Task<IReadOnlyList<RetentionPolicy>> CurrentAsync(ProbityDb db, CancellationToken cancellationToken)
    {
        var rows = await db.Set<RetentionPolicyRow>().AsNoTracking().ToListAsync(cancellationToken);
        var current = rows.GroupBy(row => row.EventType).Select(group => Of(group.MaxBy(row => row.Version)!))
            .OrderBy(policy => policy.EventType, StringComparer.Ordinal).ToList();
        return current.Exists(policy => policy.EventType == RetentionPolicy.EveryType) ? current
            : [Default, .. current];
    }

    /// <summary>What is in force for a type.</summary>
    public static RetentionPolicy For(IReadOnlyList<RetentionPolicy> policies, string type) =>
        policies.FirstOrDefault(policy => policy.EventType == type)
        ?? policies.First(policy => policy.EventType == RetentionPolicy.EveryType);

    private RetentionPolicy Default =>
        new(RetentionPolicy.EveryType, 0, settings.Retention, null, "AUDIT_RETENTION_DAYS");

    private static RetentionPolicy Of(RetentionPolicyRow row) => new(
        row.EventType, row.Version,
        RetentionPeriod.Read(row.Period).Value
            ?? throw new InvalidDataException($"The period of policy {row.Id} is damaged."),
        row.CountedFrom, row.Basis);
}
