using System.Text;
using Microsoft.EntityFrameworkCore;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;
using Probity.Server.Storage.Followers;

namespace Probity.Server.Access.Monitoring;

/// <summary>
/// Follows the entries of reads and refusals: keeps who looked at what, counts by person, and states what is unusual
/// as a finding. Counts, cursor and findings of a turn are one commit, so a turn that is repeated counts once.
/// </summary>
internal sealed class ReadingFollower(
    IDatabase database, ILedgerWriter ledger, EntryOpener opener, ReadingPolicies policies, ProbitySettings settings,
    TimeProvider time) : IFollower
{
    // A cursor for every batch of a busy log would be a write of its own for entries that are no reads.
    private const int CursorStep = 5_000;

    /// <summary>The most readings of one turn: on the embedded store commits wait while they are counted.</summary>
    private const int MostTogether = 16;

    private long _stored;

    public string Name => "access";

    public TimeSpan Gathering => TimeSpan.FromMilliseconds(200);

    public async Task<long> ReadCursorAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        _stored = await db.Set<FollowerCursorRow>().AsNoTracking().Where(c => c.Name == Name).Select(c => c.NextSeq)
            .SingleOrDefaultAsync(cancellationToken);
        return _stored;
    }

    public async Task ApplyAsync(IReadOnlyList<FollowedEntry> entries, long next, CancellationToken cancellationToken)
    {
        var readings = await OpenAsync(entries, cancellationToken);
        if (readings.Count == 0 && next - _stored < CursorStep)
        {
            return;
        }

        var policy = await policies.CurrentAsync(cancellationToken);
        var done = 0;
        do
        {
            var turn = readings.GetRange(done, Math.Min(MostTogether, readings.Count - done));
            done += turn.Count;
            await ApplyAsync(turn, policy, done < readings.Count ? turn[^1].Seq + 1 : next, cancellationToken);
        }
        while (done < readings.Count);
    }

    private async Task ApplyAsync(
        List<Reading> readings, ReadingPolicy policy, long next, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger);
        if (await FollowAsync(work, work.Db, readings, policy, next, cancellationToken))
        {
            await work.CommitAsync(cancellationToken);
        }
        else
        {
            await database.SaveAsync((db, token) => FollowAsync(null, db, readings, policy, next, token), cancellationToken);
        }

        _stored = next;
    }

    private async Task<List<Reading>> OpenAsync(IReadOnlyList<FollowedEntry> entries, CancellationToken cancellationToken)
    {
        var readings = new List<Reading>();
        foreach (var entry in entries)
        {
            if (IsOfInterest(entry.Body.Span))
            {
                var opened = await opener.OpenAsync(entry.Body, withBlobs: false, cancellationToken);
                if (Readings.IsReading(opened.Json["type"]?.GetValue<string>() ?? ""))
                {
                    readings.Add(Readings.Of(entry.Seq, opened.Json));
                }
            }
        }

        return readings;
    }

    // Most entries are no reads, and this is much cheaper than parsing them.
    private static bool IsOfInterest(ReadOnlySpan<byte> body)
    {
        var type = EntryTypes.Of(body);
        return type.StartsWith("probity."u8) && Readings.IsReading(Encoding.UTF8.GetString(type));
    }

    private async Task<bool> FollowAsync(
        UnitOfWork? work, ProbityDb db, List<Reading> readings, ReadingPolicy policy, long next, CancellationToken cancellationToken)
    {
        var found = false;
        var batch = new ReadingBatch(db, settings.TimeZone);
        foreach (var reading in readings)
        {
            var person = await batch.PersonOfAsync(reading, cancellationToken);
            await batch.KeepViewsAsync(reading, person, cancellationToken);
            if (person is null)
            {
                continue; // A program that no person owns has no hours and no relatives; its key is limited by its scopes.
            }

            var facts = await batch.CountAsync(reading, person, cancellationToken);
            foreach (var unusual in ReadingJudge.Judge(reading, person, facts, policy, settings.TimeZone))
            {
                found |= work is not null && await FindingDesk.AddAsync(
                    work, unusual, person, reading.At, reading.Seq, reading.EntryId, time, cancellationToken);
            }
        }

        await batch.MoveCursorAsync(Name, next, cancellationToken);
        return found;
    }
}
