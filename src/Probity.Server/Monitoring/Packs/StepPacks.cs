using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Keys;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// The stored packs, and the steps of the ledger through them. A pack is used only while the ledger still says the
/// same: same entry at its end, no key of it destroyed since, nothing of it purged since; else it is removed, and the
/// ledger is read in its place and packed anew. Thread safe.
/// </summary>
internal sealed class StepPacks(
    IDatabase database, ILedgerStore store, StepReader steps, PackSeal seal, ILogger<StepPacks> log)
{
    /// <summary>The steps of one pack.</summary>
    public const int StepsOfPack = 8_192;

    /// <summary>More than is allocated for a step of a pack until it is in the state: 740 were measured.</summary>
    public const long BytesOfStep = 2_000;

    private const int Ahead = 4;

    /// <summary>Reads all steps from the first entry on, as far as packs reach.</summary>
    /// <param name="state">Takes each step, in their order.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The first entry behind the last pack, and the number of the last step before it.</returns>
    public async Task<(long NextSeq, long LastNumber)> ReadAsync(
        MonitoringState state, CancellationToken cancellationToken)
    {
        var rows = await UsableAsync(cancellationToken);
        using var held = new HeldCollections((long)rows.Count * StepsOfPack * BytesOfStep);
        var opening = new Queue<Task<PackContent?>>();
        state.Expect(rows.Count * StepsOfPack);
        var (next, number, ahead) = (0L, 0L, 0);
        for (var at = 0; at < rows.Count; at++)
        {
            for (; ahead < rows.Count && ahead < at + Ahead; ahead++)
            {
                var first = rows[ahead].FirstSeq;
                opening.Enqueue(Task.Run(() => OpenAsync(first, cancellationToken), cancellationToken));
            }

            held.Renew();
            var opened = await opening.Dequeue();
            if (rows[at].FirstSeq > next)
            {
                number = await PackAsync(next, rows[at].FirstSeq - 1, number, state, cancellationToken);
            }

            if (opened is null)
            {
                await RemoveAsync([rows[at].FirstSeq], cancellationToken);
                number = await PackAsync(rows[at].FirstSeq, rows[at].LastSeq, number, state, cancellationToken);
            }

            else
            {
                number = await TakeAsync(opened, rows[at].LastSeq, number, state, cancellationToken);
            }

            next = rows[at].LastSeq + 1;
        }

        state.Expect(0);
        return (next, number);
    }

    /// <summary>Keeps a pack; nothing happens when another node was first.</summary>
    /// <param name="firstSeq">The first entry that it covers.</param>
    /// <param name="content">Its steps; at least one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task KeepAsync(long firstSeq, PackWriter content, CancellationToken cancellationToken)
    {
        var hash = await store.ReadHashesAsync(content.LastSeq, 1, cancellationToken);
        if (hash.Count == 0)
        {
            return; // Its last entry was purged meanwhile: the next start packs what is left.
        }

        var row = seal.Seal(
            new PackRow
            {
                FirstSeq = firstSeq,
                LastSeq = content.LastSeq,
                LastNumber = content.LastNumber,
                Steps = content.Steps,
                LastHash = hash[0].ToArray(),
                Purged = Overlap(await store.ReadPurgedAsync(firstSeq, content.LastSeq, cancellationToken),
                    firstSeq, content.LastSeq),
                Keys = PackKeys.Write(content.Keys),
                Format = PackRow.CurrentFormat,
                Content = [],
            },
            content.ToArray());
        await database.SaveAsync(
            async (db, token) =>
            {
                if (!await db.Set<PackRow>().AnyAsync(
                    other => other.FirstSeq <= row.LastSeq && other.LastSeq >= row.FirstSeq, token))
                {
                    db.Add(row);
                }
            },
            cancellationToken);

        // Whoever was erased while it was written is either seen here, or the erasure sees the row.
        await using var after = database.CreateContext();
        var destroyed = await DestroyedAsync(after, cancellationToken);
        if (PackKeys.HasAny(row.Keys, destroyed))
        {
            await RemoveAsync([firstSeq], cancellationToken);
        }
    }

    /// <summary>The first entry behind the last pack, and the number of the last step before it; 0 for none.</summary>
    public async Task<(long NextSeq, long LastNumber)> EndAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var last = await db.Set<PackRow>().AsNoTracking().OrderByDescending(row => row.FirstSeq)
            .Select(row => new { row.LastSeq, row.LastNumber }).FirstOrDefaultAsync(cancellationToken);
        return last is null ? (0, 0) : (last.LastSeq + 1, last.LastNumber);
    }

    /// <summary>Removes the packs that the ledger no longer says the same as.</summary>
    /// <returns>How many those were.</returns>
    public async Task<int> RemoveStaleAsync(CancellationToken cancellationToken)
    {
        var (_, stale) = await JudgeAsync(cancellationToken);
        await RemoveAsync([.. stale.Select(item => item.FirstSeq)], cancellationToken);
        return stale.Count;
    }

    private async Task<IReadOnlyList<(long FirstSeq, long LastSeq)>> UsableAsync(CancellationToken cancellationToken)
    {
        var (usable, stale) = await JudgeAsync(cancellationToken);
        foreach (var (first, last, reason) in stale)
        {
            log.PackIgnored(first, last, reason);
        }

        await RemoveAsync([.. stale.Select(item => item.FirstSeq)], cancellationToken);
        return usable;
    }

    private async Task<(List<(long FirstSeq, long LastSeq)> Usable, List<StalePack> Stale)> JudgeAsync(
        CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<PackRow>().AsNoTracking().OrderBy(row => row.FirstSeq)
            .Select(row => new { row.FirstSeq, row.LastSeq, row.LastHash, row.Purged, row.Keys, row.Format })
            .ToListAsync(cancellationToken);
        var destroyed = await DestroyedAsync(db, cancellationToken);
        var purged = await store.ReadPurgedAsync(0, long.MaxValue - 1, cancellationToken);
        var usable = new List<(long, long)>();
        var stale = new List<StalePack>();
        foreach (var row in rows)
        {
            var hash = await store.ReadHashesAsync(row.LastSeq, 1, cancellationToken);
            var reason = row.Format != PackRow.CurrentFormat ? "it has another layout"
                : hash.Count == 0 || !hash[0].ToArray().AsSpan().SequenceEqual(row.LastHash)
                    ? "the ledger has another entry at its end"
                : PackKeys.HasAny(row.Keys, destroyed) ? "somebody in it was erased"
                : Overlap(purged, row.FirstSeq, row.LastSeq) != row.Purged ? "entries of it were purged"
                : null;
            if (reason is null)
            {
                usable.Add((row.FirstSeq, row.LastSeq));
            }
            else
            {
                stale.Add(new StalePack(row.FirstSeq, row.LastSeq, reason));
            }
        }

        return (usable, stale);
    }

    private static async Task<HashSet<long>> DestroyedAsync(ProbityDb db, CancellationToken cancellationToken)
    {
        var ids = await Destroyed(db).ToListAsync(cancellationToken);
        return [.. ids.Select(PackKeys.Of)];
    }

    /// <summary>Ids of the keys that were destroyed, other than key-encryption keys.</summary>
    internal static IQueryable<string> Destroyed(ProbityDb db) => db.Set<DataKeyRow>().AsNoTracking()
        .Where(key => key.State == DataKeyRow.Destroyed && key.Kind != KeyKinds.Kek).Select(key => key.Id);

    // Null for one that does not open: the ledger is read then.
    private async Task<PackContent?> OpenAsync(long firstSeq, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<PackRow>().AsNoTracking()
            .SingleOrDefaultAsync(item => item.FirstSeq == firstSeq, cancellationToken);
        try
        {
            return row is null ? null : PackContent.Read(row, seal.Open(row));
        }
        catch (Exception broken) when (broken is CryptographicException or InvalidDataException)
        {
            log.PackIgnored(firstSeq, row?.LastSeq ?? firstSeq, "it is broken");
            return null;
        }
    }

    /// <summary>Hands the steps of a pack over, and returns the number of the last.</summary>
    private static async Task<long> TakeAsync(
        PackContent pack, long seq, long number, MonitoringState state, CancellationToken cancellationToken)
    {
        for (var (place, others) = (0, 0); place < pack.Count || others < pack.Others.Count;)
        {
            var other = others < pack.Others.Count && pack.Others[others].Before == place
                ? pack.Others[others].Step
                : null;

            // Between two packs numbers may be missing for the same reason as inside of one.
            while (++number < (other?.Number ?? pack[place].Number))
            {
                await state.TakeAsync(
                    new Step.Erased(number) { Seq = seq, RecordedAt = other?.RecordedAt ?? default },
                    cancellationToken);
            }

            if (other is null)
            {
                state.Take(pack, place++);
            }
            else
            {
                await state.TakeAsync(other, cancellationToken);
                others++;
            }
        }

        return number;
    }

    /// <summary>Reads a stretch of the ledger, hands its steps over and packs them.</summary>
    private async Task<long> PackAsync(
        long firstSeq, long lastSeq, long number, MonitoringState state, CancellationToken cancellationToken)
    {
        var content = new PackWriter();
        await foreach (var step in steps.ReadAsync(
            firstSeq, number, null, cancellationToken, lastSeq + 1, withRecords: false))
        {
            await state.TakeAsync(step, cancellationToken);
            content.Add(step);
            number = step.Number;
        }

        if (content.Steps > 0)
        {
            content.Reach(lastSeq);
            await KeepAsync(firstSeq, content, cancellationToken);
        }

        return number;
    }

    private Task RemoveAsync(List<long> firstSeqs, CancellationToken cancellationToken) =>
        firstSeqs.Count == 0 ? Task.CompletedTask : database.SaveAsync(
            async (db, token) =>
            {
                foreach (var first in firstSeqs)
                {
                    if (await db.Set<PackRow>().SingleOrDefaultAsync(row => row.FirstSeq == first, token) is { } row)
                    {
                        db.Remove(row);
                    }
                }
            },
            cancellationToken);

    private static long Overlap(IReadOnlyList<PurgedRun> runs, long first, long last) =>
        runs.Where(run => run.First <= last && run.Last >= first)
            .Sum(run => Math.Min(run.Last, last) - Math.Max(run.First, first) + 1);

    private readonly record struct StalePack(long FirstSeq, long LastSeq, string Reason);
}

internal static partial class PackLog
{
    [LoggerMessage(
        1, LogLevel.Warning,
        "Packed steps of monitoring, entries {First} to {Last}, are not used, since {Reason}; the ledger is read")]
    public static partial void PackIgnored(this ILogger log, long first, long last, string reason);
}
