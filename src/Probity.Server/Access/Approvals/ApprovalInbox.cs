using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.AuditTrail.Query;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Approvals;

/// <summary>Approvals to look at: what waits for the caller, what the caller asked for, and all of them.</summary>
internal sealed class ApprovalInbox(
    IDatabase database, ApprovalPolicies policies, MakerCheck makerCheck, TimeProvider time)
{
    public const string Pending = "pending";
    public const string Mine = "mine";
    public const string All = "all";

    // What waits is looked through whole: a queue that is longer than this has other troubles than paging.
    private const int MaxPending = 1_000;

    /// <summary>One page, newest first.</summary>
    public async Task<ApprovalList> ListAsync(
        Caller caller, string? view, string? state, int? pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var size = Math.Min(PageSizes.Coerce(pageSize), 200);
        await using var db = database.CreateContext();
        var query = Filtered(db, caller, view ?? Pending, state);
        if (!string.IsNullOrEmpty(pageToken))
        {
            query = IsId(pageToken)
                ? query.Where(a => string.Compare(a.Id, pageToken) < 0)
                : throw new ProblemException(ErrorCodes.QueryPageTokenInvalid);
        }

        var most = (view ?? Pending) == Pending ? MaxPending : size + 1;
        var rows = await query.OrderByDescending(a => a.Id).Take(most).ToListAsync(cancellationToken);
        var views = new List<ApprovalView>();
        foreach (var row in rows)
        {
            var one = await ViewAsync(db, row, caller, cancellationToken);
            if ((view ?? Pending) != Pending || one.CanDecide)
            {
                views.Add(one);
            }

            if (views.Count > size)
            {
                break;
            }
        }

        return new ApprovalList([.. views.Take(size)], views.Count > size ? views[size - 1].Id : null);
    }

    /// <summary>One approval; an id the caller may not see is answered like one there is not.</summary>
    public async Task<ApprovalView> GetAsync(string id, Caller caller, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<ApprovalRow>().AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        return row is not null && ApprovalDesk.IsVisible(row, caller)
            ? await ViewAsync(db, row, caller, cancellationToken)
            : throw new ProblemException(ErrorCodes.AccessApprovalNotFound);
    }

    /// <summary>The view; who gave the caller the role is looked at only where the rest would let him decide.</summary>
    private async Task<ApprovalView> ViewAsync(
        ProbityDb db, ApprovalRow row, Caller caller, CancellationToken cancellationToken)
    {
        var view = ApprovalViews.Of(row, caller, time.GetUtcNow(), policies.IsReview(row.Action));
        if (!view.CanDecide)
        {
            return view;
        }

        var policy = await policies.FindAsync(db, row.Action, cancellationToken);
        return await makerCheck.AllowsAsync(db, row, policy.Permission, caller, cancellationToken)
            ? view
            : view with { CanDecide = false };
    }

    private static IQueryable<ApprovalRow> Filtered(ProbityDb db, Caller caller, string view, string? state)
    {
        var all = db.Set<ApprovalRow>().AsNoTracking();
        var chosen = view switch
        {
            Pending => all.Where(a => a.State == ApprovalRow.Pending),
            Mine => all.Where(a => a.MakerId == caller.Id || (caller.PersonId != null && a.MakerPerson == caller.PersonId)),
            All when caller.Has(Permission.ReadApprovals) => all,
            All => throw new ProblemException(ErrorCodes.AccessForbidden, $"The permission {Permission.ReadApprovals} is needed."),
            _ => throw new ProblemException(ErrorCodes.QueryBadValue, "view is pending, mine or all."),
        };
        return state is null ? chosen : chosen.Where(a => a.State == state);
    }

    private static bool IsId(string text) =>
        text.StartsWith("apr_", StringComparison.Ordinal) && Guid.TryParseExact(text.AsSpan(4), "D", out _);
}
