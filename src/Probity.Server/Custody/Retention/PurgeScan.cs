using Microsoft.EntityFrameworkCore;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Storage;

namespace Probity.Server.Custody.Retention;

/// <summary>Entries of one part of the log whose time is over.</summary>
internal sealed class PurgeBatch
{
    /// <summary>Runs of numbers, ascending; both ends included.</summary>
    public List<(long First, long Last)> Runs { get; } = [];

    public List<string> Blobs { get; } = [];

    public long Due { get; private set; }

    public long Held { get; set; }

    /// <summary>The first entry not looked at.</summary>
    public long NextSeq { get; set; }

    public void Add(PurgeFacts entry)
    {
        Due++;
        Blobs.AddRange(entry.Blobs);
        if (Runs.Count > 0 && Runs[^1].Last == entry.Seq - 1)
        {
            Runs[^1] = (Runs[^1].First, entry.Seq);
        }
        else
        {
            Runs.Add((entry.Seq, entry.Seq));
        }
    }
}

/// <summary>Reads the log and judges each entry. Reads only; memory is bounded by a batch.</summary>
internal sealed class PurgeScan(IDatabase database, ILedgerStore store, RetentionPolicies policies)
{
    private const int ReadBatch = 2_048;

    /// <summary>A judge of what is in force now.</summary>
    /// <param name="beforeSeq">Anchors are looked for below this number.</param>
    /// <param name="asOf">The instant that counts as now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PurgeJudge> JudgeAsync(long beforeSeq, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var current = await policies.CurrentAsync(db, cancellationToken);
        var holds = await db.Set<LegalHoldRow>().AsNoTracking().Where(h => h.ReleasedAt == null)
            .ToListAsync(cancellationToken);
        var actions = current.Where(p => p.CountedFrom is not null).Select(p => p.CountedFrom ?? "")
            .ToHashSet(StringComparer.Ordinal);
        var anchors = new Dictionary<(string, string), DateTimeOffset>();
        if (actions.Count > 0)
        {
            await foreach (var entry in ReadAsync(0, long.MaxValue, cancellationToken))
            {
                if (actions.Contains(entry.Action))
                {
                    entry.People.ToList().ForEach(person => anchors[(entry.Action, person.Id)] = entry.RecordedAt);
                }
            }
        }

        return new PurgeJudge(current, holds, anchors, asOf);
    }

    /// <summary>Looks on until so many are due, or the end is reached.</summary>
    public async Task<PurgeBatch> NextAsync(
        PurgeJudge judge, long fromSeq, long beforeSeq, int mostDue, int mostRuns, CancellationToken cancellationToken)
    {
        var batch = new PurgeBatch { NextSeq = beforeSeq };
        await foreach (var entry in ReadAsync(fromSeq, beforeSeq, cancellationToken))
        {
            var verdict = judge.Judge(entry);
            batch.Held += verdict == PurgeVerdict.Held ? 1 : 0;
            if (verdict == PurgeVerdict.Due)
            {
                batch.Add(entry);
            }

            if (batch.Due >= mostDue || batch.Runs.Count >= mostRuns)
            {
                batch.NextSeq = entry.Seq + 1;
                break;
            }
        }

        return batch;
    }

    public async IAsyncEnumerable<PurgeFacts> ReadAsync(
        long fromSeq, long beforeSeq,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (fromSeq < beforeSeq)
        {
            var entries = await store.ReadEntriesAsync(fromSeq, ReadBatch, cancellationToken);
            foreach (var entry in entries)
            {
                if (entry.Seq >= beforeSeq)
                {
                    yield break;
                }

                yield return PurgeFacts.Read(entry.Seq, entry.Body);
            }

            if (entries.Count == 0)
            {
                yield break;
            }

            fromSeq = entries[^1].Seq + 1;
        }
    }
}
