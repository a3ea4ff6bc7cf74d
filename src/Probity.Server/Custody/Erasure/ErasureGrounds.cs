using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Probity.Ledger.Entries;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Custody.Retention;
using Probity.Server.Storage;

namespace Probity.Server.Custody.Erasure;

/// <summary>What comes before an erasure.</summary>
/// <param name="DueAt">When it ends; null for a hold, which has no end of its own.</param>
/// <param name="Ground">What it is, with the legal ground.</param>
internal sealed record ErasureGround(DateTimeOffset? DueAt, string Ground);

/// <summary>
/// Whether retention or a legal hold comes before an erasure. Source: Regulation (EU) 2016/679 Art. 17(3)(b): erasure
/// is
/// not owed where processing is necessary for compliance with a legal obligation.
/// </summary>
internal sealed class ErasureGrounds(
    IDatabase database, ISearchIndex index, ILedgerStore store, RetentionPolicies policies, TimeProvider time)
{
    /// <summary>What comes first; null when nothing does.</summary>
    public async Task<ErasureGround?> FindAsync(string subjectType, string subjectId,
        CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var holds = await db.Set<LegalHoldRow>().AsNoTracking().Where(h => h.ReleasedAt == null)
            .ToListAsync(cancellationToken);
        foreach (var hold in holds)
        {
            if (await IsHeldAsync(hold, subjectType, subjectId, cancellationToken))
            {
                return new ErasureGround(null,
                    $"Legal hold {hold.Id} ({hold.Matter}) is in force; it wins until it is released.");
            }
        }

        return await RetentionAsync(subjectId, cancellationToken);
    }

    private async Task<bool> IsHeldAsync(
        LegalHoldRow hold, string subjectType, string subjectId, CancellationToken cancellationToken) =>
            hold.Scope switch
        {
            LegalHoldRow.All => true,
            LegalHoldRow.OfSubject => hold.SubjectType == subjectType && hold.Value == subjectId,
            LegalHoldRow.OfCase =>
                await NewestAsync(subjectId, new ValueNode(FilterField.Case, hold.Value),
                cancellationToken) is not null,
            _ => await NewestAsync(subjectId, LegalHoldRow.ActionNode(hold.Value), cancellationToken) is not null,
        };

    private async Task<ErasureGround?> RetentionAsync(string subjectId, CancellationToken cancellationToken)
    {
        ErasureGround? latest = null;
        var now = time.GetUtcNow();
        foreach (var policy in await policies.CurrentAsync(cancellationToken))
        {
            FilterNode? type = policy.EventType == RetentionPolicy.EveryType ? null
                : new ValueNode(FilterField.Type, policy.EventType);
            if (await NewestAsync(subjectId, type, cancellationToken) is not { } newest)
            {
                continue;
            }

            var due = policy.EndFor(newest);
            if (due > now && (latest is null || due > latest.DueAt))
            {
                var from = policy.CountedFrom is { } anchor ? $" counted from {anchor}" : "";
                latest = new ErasureGround(due, string.Create(
                    CultureInfo.InvariantCulture,
                    $"Records are kept {policy.Period}{from} ({policy.Basis}); the newest is of {newest:yyyy-MM-dd}."));
            }
        }

        return latest;
    }

    /// <summary>When the newest entry of a person was recorded; null when there is none.</summary>
    private async Task<DateTimeOffset?> NewestAsync(string subjectId, FilterNode? more,
        CancellationToken cancellationToken)
    {
        var whose = PersonEntries.Of(subjectId);
        var page = await index.SearchAsync(
            new SearchQuery(EventFilter.Of(more is null ? whose : new AndNode([whose, more])), null, 1),
                cancellationToken);
        if (page.Sequences.Count == 0)
        {
            return null;
        }

        var entries = await store.ReadEntriesAsync(page.Sequences[0], 1, cancellationToken);
        return entries.Count == 1 && entries[0].Seq == page.Sequences[0]
            ? DateTimeOffset.Parse(EntryReader.ReadHeader(entries[0].Body.Span).RecordedAt,
                CultureInfo.InvariantCulture)
            : null;
    }
}

/// <summary>The filter for the entries that a person is part of.</summary>
internal static class PersonEntries
{
    public static FilterNode Of(string subjectId) => new OrNode(
    [
        new ValueNode(FilterField.ActorId, subjectId), new ValueNode(FilterField.TargetId, subjectId),
        new ValueNode(FilterField.OnBehalfOf, subjectId),
    ]);
}
