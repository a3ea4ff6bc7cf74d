using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.AuditTrail.Verification;

/// <summary>
/// Compares every audited row with what its entries say (architecture 4.4), so that a row that was changed, added,
/// removed or set back in the database, past the server, is found. Changes nothing.
/// </summary>
internal sealed class RowAudit(IDatabase database, ILedgerStore store, EntryOpener opener)
{
    private const int MaxRounds = 3;

    private static readonly MethodInfo s_set = typeof(DbContext).GetMethod(nameof(DbContext.Set), Type.EmptyTypes)
        ?? throw new InvalidOperationException("DbContext.Set is there.");

    public async Task<RowReport> RunAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var entities = db.Model.GetEntityTypes().Where(entity => entity.IsAudited()).ToList();
        var recorded = new RecordedRows(
            store, opener, entities.Select(RowTarget.TableOf).ToHashSet(StringComparer.Ordinal));
        for (var round = 1; ; round++)
        {
            await recorded.ReadOnAsync(progress, cancellationToken);
            var report = await CompareAsync(db, entities, recorded, cancellationToken);

            // Rows may have changed since the log was read: a difference counts when no entry came after it.
            var head = await store.ReadHeadAsync(cancellationToken);
            if (report.IsSound || head is null || head.Size <= recorded.NextSeq || round == MaxRounds)
            {
                return report;
            }
        }
    }

    private static async Task<RowReport> CompareAsync(
        ProbityDb db, List<IEntityType> entities, RecordedRows recorded, CancellationToken cancellationToken)
    {
        var findings = new List<RowFinding>();
        var seen = new HashSet<(string, string)>();
        foreach (var entity in entities)
        {
            var rows = (IQueryable<object>)s_set.MakeGenericMethod(entity.ClrType).Invoke(db, null)!; // Set never is null.
            await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                var tracked = db.Entry(row);
                var target = RowTarget.Of(tracked);
                seen.Add((target.Type, target.Id));
                if (Judge(tracked, target.Type, target.Id, recorded) is { } finding)
                {
                    findings.Add(finding);
                }

                tracked.State = EntityState.Detached;
            }
        }

        findings.AddRange(recorded.All.Where(pair => pair.Value.Columns is not null && !seen.Contains(pair.Key)).Select(pair =>
            new RowFinding("row_deleted", pair.Key.Table, pair.Key.Key, pair.Value.Entry, [],
                "The row is gone, and no entry records that it was deleted.")));
        return new RowReport(entities.Count, seen.Count, [.. findings.Take(RowReport.MaxFindings)]);
    }

    private static RowFinding? Judge(EntityEntry row, string table, string key, RecordedRows recorded)
    {
        var named = row.Property(AuditDeclarations.EntryId).CurrentValue as string ?? "";
        if (recorded.Find(table, key) is not { } known)
        {
            return new RowFinding("row_inserted", table, key, named, [], "No entry records this row.");
        }

        if (known.IsUnreadable)
        {
            return new RowFinding("row_unreadable", table, key, known.Entry, [],
                "An entry of this row cannot be opened, so that the row cannot be compared.");
        }

        if (known.Columns is null)
        {
            return new RowFinding("row_inserted", table, key, known.Entry, [],
                "The entry records that the row was deleted, and it is there again.");
        }

        var differing = Differing(JsonNode.Parse(AuditedChange.StateOf(row))!.AsObject(), known.Columns);
        if (named != known.Entry)
        {
            return new RowFinding("row_rolled_back", table, key, known.Entry, differing,
                $"The row names entry {named} as that of its last change.");
        }

        return differing.Count == 0 ? null : new RowFinding("row_changed", table, key, known.Entry, differing,
            "The row is not what its entry left: it was changed past the server.");
    }

    // A column that no entry mentions was added by a later version of the schema.
    private static List<string> Differing(JsonObject row, JsonObject recorded) =>
        [.. row.Where(column => recorded.ContainsKey(column.Key) && !JsonNode.DeepEquals(column.Value, recorded[column.Key]))
            .Select(column => column.Key)];
}
