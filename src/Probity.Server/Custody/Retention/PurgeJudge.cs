using Probity.Server.AuditTrail.Events;

namespace Probity.Server.Custody.Retention;

/// <summary>What becomes of an entry.</summary>
internal enum PurgeVerdict
{
    /// <summary>Its time is not over, or it is evidence of the log itself.</summary>
    Kept,

    /// <summary>Its time is over, but a hold is in force.</summary>
    Held,

    /// <summary>It goes.</summary>
    Due,
}

/// <summary>Decides for each entry whether its time is over. Pure.</summary>
/// <param name="policies">In force.</param>
/// <param name="holds">In force.</param>
/// <param name="anchors">When the events from which time is counted were recorded last, by action and person.</param>
/// <param name="asOf">The instant that counts as now.</param>
internal sealed class PurgeJudge(
    IReadOnlyList<RetentionPolicy> policies, IReadOnlyList<LegalHoldRow> holds,
    IReadOnlyDictionary<(string Action, string Id), DateTimeOffset> anchors, DateTimeOffset asOf)
{
    /// <summary>Entries of our own: rows that are in use name them, so they go only by a policy for their very
    /// type.</summary>
    private const string OwnTypes = "probity.";

    /// <summary>Without these a log does not explain itself: what made it, what was purged, erased and
    /// rotated.</summary>
    private static readonly string[] s_evidence = ["probity.custody.", "probity.ledger."];

    public PurgeVerdict Judge(PurgeFacts entry)
    {
        var isOurs = entry.Type.StartsWith(OwnTypes, StringComparison.Ordinal)
            && RetentionPolicies.For(policies, entry.Type).EventType == RetentionPolicy.EveryType;
        if (isOurs || s_evidence.Any(prefix => entry.Type.StartsWith(prefix, StringComparison.Ordinal))
            || EndOf(entry) is not { } end || end > asOf)
        {
            return PurgeVerdict.Kept;
        }

        return holds.Any(hold => IsHeld(hold, entry)) ? PurgeVerdict.Held : PurgeVerdict.Due;
    }

    /// <summary>When its time is over; null while what it is counted from has not happened.</summary>
    public DateTimeOffset? EndOf(PurgeFacts entry)
    {
        var policy = RetentionPolicies.For(policies, entry.Type);
        if (policy.CountedFrom is not { } action)
        {
            return policy.EndFor(entry.RecordedAt);
        }

        DateTimeOffset? latest = null;
        foreach (var (_, id) in entry.People)
        {
            if (anchors.TryGetValue((action, id), out var began) && (latest is null || began > latest))
            {
                latest = began;
            }
        }

        return latest is { } from ? policy.EndFor(from > entry.RecordedAt ? from : entry.RecordedAt) : null;
    }

    private static bool IsHeld(LegalHoldRow hold, PurgeFacts entry) => hold.Scope switch
    {
        LegalHoldRow.All => true,
        LegalHoldRow.OfCase => entry.Case == hold.Value,
        LegalHoldRow.OfSubject =>
            entry.People.Any(p => p.Id == hold.Value && PersonTypes.Known(p.Type) == hold.SubjectType),
        _ => hold.Value.EndsWith('*')
            ? entry.Action.StartsWith(hold.Value[..^1], StringComparison.Ordinal)
            : entry.Action == hold.Value,
    };
}
