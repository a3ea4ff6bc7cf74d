using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Monitoring;

/// <summary>Breaks the glass and ends it. The request for the review is in the same commit: no emergency goes without.</summary>
internal sealed class BreakGlassDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, ApprovalDesk approvals, SessionDesk sessions, TimeProvider time)
{
    public const string Opened = "probity.access.break_glass.opened";
    public const string Ended = "probity.access.break_glass.ended";
    public const string Reviewed = "probity.access.break_glass.reviewed";
    public const int MaxMinutes = 240;

    public async Task<BreakGlassView> OpenAsync(
        OpenBreakGlass request, CreationRow? creation, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (caller is not { Kind: CallerKind.Person, PersonId: { } person })
        {
            throw new ProblemException(ErrorCodes.AccessBreakGlassPeopleOnly);
        }

        var reason = ApprovalDesk.CheckReason(request.Reason);
        Check(request);
        await using var work = new UnitOfWork(database, ledger.Value);
        var now = time.GetUtcNow();
        if (await BreakGlassRow.OpenAsync(work.Db, person, now, cancellationToken) is not null)
        {
            throw new ProblemException(ErrorCodes.AccessBreakGlassOpen);
        }

        var why = entry with { Reason = new EntryReason { Text = reason } };
        var id = AccessIds.New("bgl_", now);
        var payload = ApprovalDesk.Canonical(JsonSerializer.Serialize(
            new { break_glass = id, permissions = request.Permissions, minutes = request.Minutes, started_at = Instants.ToText(now) }));
        var review = await approvals.RequestAsync(
            work, new GatedAction(ApprovalActions.ReviewBreakGlass, new EntryTarget("break_glass", id), payload, reason), caller, why, cancellationToken);
        var row = new BreakGlassRow
        {
            Id = id,
            Person = person,
            Permissions = request.Permissions,
            Reason = reason,
            StartedAt = now,
            EndsAt = now.AddMinutes(request.Minutes),
            ReviewId = review.Id,
        };
        work.Add(row);
        work.Record(
            why.Draft(Opened, "access.break_glass.open", "privilege_permissions_changed", new EntryTarget("user", person), ("permissions", request.Permissions)),
            row);
        creation?.Use(work, id);
        await work.CommitAsync(cancellationToken);
        sessions.RightsRead();
        return View(row);
    }

    /// <summary>Ends one's own emergency before its time.</summary>
    public async Task<BreakGlassView> EndAsync(string id, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<BreakGlassRow>().SingleOrDefaultAsync(b => b.Id == id, cancellationToken);
        var now = time.GetUtcNow();
        if (row is null || row.Person != caller.PersonId || row.EndsAt <= now)
        {
            throw new ProblemException(ErrorCodes.AccessBreakGlassNotFound);
        }

        row.EndsAt = now;
        work.Record(entry.Draft(Ended, "access.break_glass.end", "privilege_permissions_changed", new EntryTarget("user", row.Person)), row);
        await work.CommitAsync(cancellationToken);
        sessions.RightsRead();
        return View(row);
    }

    public async Task<BreakGlassList> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<BreakGlassRow>().AsNoTracking().OrderByDescending(b => b.Id).Take(200).ToListAsync(cancellationToken);
        return new BreakGlassList([.. rows.Select(View)]);
    }

    /// <summary>States each review that nobody made in time as a finding; returns how many are new.</summary>
    public async Task<int> FindOverdueAsync(CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var now = time.GetUtcNow();
        var late = await work.Db.Set<ApprovalRow>().AsNoTracking()
            .Where(a => a.State == ApprovalRow.Pending && a.Action == ApprovalActions.ReviewBreakGlass && a.ExpiresAt <= now)
            .ToListAsync(cancellationToken);
        var found = 0;
        foreach (var review in late)
        {
            var days = (long)(now - review.CreatedAt).TotalDays;
            var unusual = new Unusual(FindingKinds.ReviewOverdue, $"review:{review.Id}", days, ApprovalActions.ReviewHours / 24, review.Id);
            found += await FindingDesk.AddAsync(work, unusual, review.MakerPerson ?? review.MakerId, now, -1, null, time, cancellationToken) ? 1 : 0;
        }

        if (found == 0)
        {
            return 0;
        }

        try
        {
            await work.CommitAsync(cancellationToken);
            return found;
        }
        catch (DbUpdateException)
        {
            return 0; // Someone else stated one of them in the same moment; the next look states the rest.
        }
    }

    private static void Check(OpenBreakGlass request)
    {
        if (!BreakGlassSets.All.ContainsKey(request.Permissions))
        {
            throw UserRefusal.Field("/permissions", $"Give one of {string.Join(", ", BreakGlassSets.All.Keys.Order(StringComparer.Ordinal))}.");
        }

        if (request.Minutes is < 1 or > MaxMinutes)
        {
            throw UserRefusal.Field("/minutes", "Give 1 to 240 minutes.");
        }
    }

    private static BreakGlassView View(BreakGlassRow row) => new()
    {
        Id = row.Id,
        PersonId = row.Person,
        Permissions = row.Permissions,
        Reason = row.Reason,
        StartedAt = row.StartedAt,
        EndsAt = row.EndsAt,
        ReviewId = row.ReviewId,
        ReviewedAt = row.ReviewedAt,
    };
}

/// <summary>Notes that someone else reviewed an emergency.</summary>
internal sealed class ReviewBreakGlassAction(TimeProvider time) : IApprovedAction
{
    public string Action => ApprovalActions.ReviewBreakGlass;

    public string? MakerPermission => null;

    public async Task ExecuteAsync(UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var row = await work.Db.Set<BreakGlassRow>().SingleAsync(b => b.Id == request.TargetId, cancellationToken);
        row.ReviewedAt = time.GetUtcNow();
        work.Record(
            entry.Draft(BreakGlassDesk.Reviewed, Action, "privilege_permissions_changed", new EntryTarget("user", row.Person)), row);
    }
}
