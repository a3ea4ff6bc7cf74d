using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Ledger.Tiles;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Custody.Erasure;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Retention;

/// <summary>Tells what a purge would take, and asks for one. A purge always needs a second person.</summary>
internal sealed class PurgeDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<ApprovalDesk> approvals, PurgeScan scan,
        RetentionPolicies policies,
    LedgerReader reader, TimeProvider time)
{
    private const int MostRuns = int.MaxValue;

    /// <summary>What would go now and what a hold keeps, by type. Reads the whole log; changes nothing.</summary>
    public async Task<DryRunView> DryRunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = await BoundAsync(cancellationToken);
        var judge = await scan.JudgeAsync(before, now, cancellationToken);
        var types = new SortedDictionary<string, TypeTally>(StringComparer.Ordinal);
        await foreach (var entry in scan.ReadAsync(0, before, cancellationToken))
        {
            var tally = types.TryGetValue(entry.Type, out var known) ? known : types[entry.Type] = new TypeTally();
            tally.Add(entry, judge.Judge(entry), judge.EndOf(entry));
        }

        var current = await policies.CurrentAsync(cancellationToken);
        return new DryRunView(now, before,
        [
            .. types.Select(t => new TypeRetentionView(
                t.Key, RetentionPolicies.For(current, t.Key).Period.ToString(), RetentionPolicies.For(current, t.Key)
                    .Basis,
                t.Value.Count, t.Value.Due, t.Value.Held, t.Value.Oldest, t.Value.NextDue)),
        ]);
    }

    /// <summary>Asks for a purge of what is due now; the request and its approval are durable together.</summary>
    /// <exception cref="ProblemException">custody.nothing_due, custody.wrong_state while another one is
    /// open.</exception>
    public async Task<PurgeRunRow> AskAsync(string reason, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        ApprovalDesk.CheckReason(reason);
        var now = time.GetUtcNow();
        var before = await BoundAsync(cancellationToken);
        var judge = await scan.JudgeAsync(before, now, cancellationToken);
        if ((await scan.NextAsync(judge, 0, before, 1, MostRuns, cancellationToken)).Due == 0)
        {
            throw new ProblemException(ErrorCodes.CustodyNothingDue);
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        if (await work.Db.Set<PurgeRunRow>().AnyAsync(
            r => r.State == PurgeRunRow.Asked || r.State == PurgeRunRow.Running, cancellationToken))
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, "A purge is asked for or running.");
        }

        var row = new PurgeRunRow
        {
            Id = AccessIds.New("prg_", now),
            State = PurgeRunRow.Asked,
            BeforeSeq = before,
            AsOf = now,
            Reason = reason,
            RequestedBy = caller.PersonId ?? caller.Id,
            Purged = 0,
            Held = 0,
            NextSeq = 0,
        };
        var payload = ApprovalDesk.Canonical(
            JsonSerializer.Serialize(new { purge_id = row.Id, before_seq = before, as_of = now }));
        var approval = await approvals.Value.RequestAsync(
            work, new GatedAction(ApprovalActions.RunPurge, new EntryTarget("purge_run", row.Id), payload, reason),
                caller, entry,
            cancellationToken);
        row.ApprovalId = approval.Id;
        work.Add(row);
        work.Record(
            entry.Draft(CustodyEvents.PurgeAsked, "custody.purge.ask", "data_purge", null, ("purge", row.Id),
                ("before_seq", before)), row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>The newest runs, at most 100.</summary>
    public async Task<IReadOnlyList<PurgeRunRow>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await db.Set<PurgeRunRow>().AsNoTracking().OrderByDescending(r => r.AsOf).Take(100)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Only entries of full tiles may go: their leaf hashes stay in the tile, and the writer needs the
    /// rest.</summary>
    private async Task<long> BoundAsync(CancellationToken cancellationToken) =>
        TileLayout.FullTiles(0, (await reader.HeadAsync(cancellationToken)).Size) * TilePath.FullWidth;

    private sealed class TypeTally
    {
        public long Count { get; private set; }

        public long Due { get; private set; }

        public long Held { get; private set; }

        public DateTimeOffset Oldest { get; private set; } = DateTimeOffset.MaxValue;

        public DateTimeOffset? NextDue { get; private set; }

        public void Add(PurgeFacts entry, PurgeVerdict verdict, DateTimeOffset? end)
        {
            Count++;
            Due += verdict == PurgeVerdict.Due ? 1 : 0;
            Held += verdict == PurgeVerdict.Held ? 1 : 0;
            Oldest = entry.RecordedAt < Oldest ? entry.RecordedAt : Oldest;
            NextDue = verdict == PurgeVerdict.Kept && end is not null && (NextDue is null || end < NextDue) ? end
                : NextDue;
        }
    }
}

/// <summary>What a purge would do now.</summary>
internal sealed record DryRunView(DateTimeOffset AsOf, long BeforeSeq, IReadOnlyList<TypeRetentionView> Types);

/// <summary>Records of one type: how many, how many would go, how many a hold keeps, and when the next is
/// due.</summary>
internal sealed record TypeRetentionView(
    string EventType, string Period, string Basis, long Records, long Due, long Held, DateTimeOffset Oldest,
        DateTimeOffset? NextDue);

/// <summary>Lets a purge run that was agreed to; it runs after the commit, beside the requests.</summary>
internal sealed class PurgeAction(PurgeSignal signal, TimeProvider time) : IApprovedAction
{
    public string Action => ApprovalActions.RunPurge;

    public string MakerPermission => Permission.ManageRetention;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        using var payload = JsonDocument.Parse(request.Payload);
        var id = payload.RootElement.GetProperty("purge_id").GetString();
        var row = await work.Db.Set<PurgeRunRow>().SingleOrDefaultAsync(r => r.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CustodyNotFound);
        if (row.State != PurgeRunRow.Asked)
        {
            throw new ProblemException(ErrorCodes.CustodyWrongState, $"It is {row.State}.");
        }

        var approvers = await Approvers.OfAsync(work.Db, request.ApprovalId, cancellationToken);
        row.State = PurgeRunRow.Running;
        row.StartedAt = time.GetUtcNow();
        row.Approvers = Approver.ToJson(approvers);
        work.Record(
            entry.Draft(
                CustodyEvents.PurgeStarted, "custody.purge.start", "data_purge", null, ("purge", row.Id),
                ("before_seq", row.BeforeSeq), ("approvers", Approvers.InClear(approvers))),
            row);
    }

    public void Executed() => signal.Set();
}
