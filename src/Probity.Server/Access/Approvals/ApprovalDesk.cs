using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Ledger.Json;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Approvals;

/// <summary>
/// The one engine of maker and checker: takes requests, takes decisions, and does what was agreed to in the commit of the
/// last decision. A decision is taken on what the checker saw: its hash is repeated, and the payload is hashed anew.
/// </summary>
internal sealed class ApprovalDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, ApprovalPolicies policies, MakerCheck makerCheck,
    Lazy<IEnumerable<IApprovedAction>> actions, TimeProvider time)
{
    public const int MaxReason = 1_000;
    private const int MaxPayloadBytes = 32 * 1024;

    /// <summary>
    /// Asks for an action; durable when the task completes. The same person asking for the same again while it waits is
    /// given the request there is.
    /// </summary>
    public async Task<ApprovalRow> RequestAsync(GatedAction action, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var payload = Canonical(action.PayloadJson);
        await using var work = new UnitOfWork(database, ledger.Value);
        var hash = Hash(payload);
        var now = time.GetUtcNow();
        var waiting = await work.Db.Set<ApprovalRow>().AsNoTracking().FirstOrDefaultAsync(
            a => a.State == ApprovalRow.Pending && a.Action == action.Action && a.MakerId == caller.Id && a.TargetId == action.Target.Id
                && a.PayloadSha256 == hash && a.ExpiresAt > now,
            cancellationToken);
        if (waiting is not null)
        {
            return waiting;
        }

        await TryAsync(action, payload, caller, entry, cancellationToken);
        var row = await RequestAsync(work, action with { PayloadJson = payload }, caller, entry, cancellationToken);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>Adds a request and its entry to a unit of work; the payload is canonical already.</summary>
    public async Task<ApprovalRow> RequestAsync(
        UnitOfWork work, GatedAction action, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var policy = await policies.FindAsync(work.Db, action.Action, cancellationToken);
        var now = time.GetUtcNow();
        var row = new ApprovalRow
        {
            Id = AccessIds.New("apr_", now),
            Action = action.Action,
            TargetType = action.Target.Type,
            TargetId = action.Target.Id,
            Payload = action.PayloadJson,
            PayloadSha256 = Hash(action.PayloadJson),
            MakerId = caller.Id,
            MakerPerson = caller.PersonId,
            MakerName = caller.Name,
            Reason = CheckReason(action.Reason),
            CreatedAt = now,
            ExpiresAt = now.AddHours(policy.ExpiryHours),
            State = ApprovalRow.Pending,
            // Nobody is known behind the maker, so no checker can be told apart from it: two have to agree then.
            CheckersNeeded = policy.Checkers + (caller.PersonId is null ? 1 : 0),
            CheckerPermission = policy.Permission,
            Decisions = "[]",
        };
        work.Add(row);
        work.Record(ApprovalEntries.Draft(entry, ApprovalEvents.Requested, row, row.Reason), row);
        return row;
    }

    /// <summary>Agrees to a request and, when nobody else is needed, does it. Where somebody else changes what it is
    /// about in the same moment, it is looked at anew: it is done after that, or is refused for what it would take
    /// back.</summary>
    public async Task<ApprovalRow> ApproveAsync(
        string id, string payloadSha256, string reason, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        CheckReason(reason);
        return await CommitRaces.AgainAsync(
            () => ApproveOnceAsync(id, payloadSha256, reason, caller, entry, cancellationToken),
            ErrorCodes.AccessApprovalClosed);
    }

    private async Task<ApprovalRow> ApproveOnceAsync(
        string id, string payloadSha256, string reason, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await OpenAsync(work, id, caller, cancellationToken);
        if (Hash(row.Payload) != row.PayloadSha256 || !string.Equals(payloadSha256, row.PayloadSha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ErrorCodes.AccessApprovalChanged);
        }

        var policy = await CheckCheckerAsync(work.Db, row, caller, cancellationToken);
        row.Add(Decision(caller, "approved", reason));
        var agreed = row.DecisionList.Count(d => d.Verdict == "approved");
        if (agreed < Math.Max(row.CheckersNeeded, policy.Checkers))
        {
            work.Record(ApprovalEntries.Draft(entry, ApprovalEvents.Approved, row, reason), row);
            await work.CommitAsync(cancellationToken);
            return row;
        }

        return await ExecuteAsync(work, row, reason, entry, cancellationToken);
    }

    /// <summary>Declines a request.</summary>
    public async Task<ApprovalRow> RejectAsync(string id, string reason, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        CheckReason(reason);
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await OpenAsync(work, id, caller, cancellationToken);
        await CheckCheckerAsync(work.Db, row, caller, cancellationToken);
        row.Add(Decision(caller, "rejected", reason));
        row.Close(ApprovalRow.Rejected, time.GetUtcNow());
        work.Record(ApprovalEntries.Draft(entry, ApprovalEvents.Rejected, row, reason), row);
        await CommitAsync(work, cancellationToken);
        return row;
    }

    /// <summary>Takes a request back; only whoever made it does.</summary>
    public async Task<ApprovalRow> WithdrawAsync(string id, string reason, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        CheckReason(reason);
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await OpenAsync(work, id, caller, cancellationToken);
        if (!MakerCheck.IsMaker(row, caller) || policies.IsReview(row.Action))
        {
            throw new ProblemException(ErrorCodes.AccessForbidden, "Only the one who asked withdraws a request, and nobody a review.");
        }

        row.Close(ApprovalRow.Withdrawn, time.GetUtcNow());
        work.Record(ApprovalEntries.Draft(entry, ApprovalEvents.Withdrawn, row, reason), row);
        await CommitAsync(work, cancellationToken);
        return row;
    }

    /// <summary>Closes what nobody decided in time, each with its entry; returns how many.</summary>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var reviews = policies.Reviews;
        await using var db = database.CreateContext();
        var late = await db.Set<ApprovalRow>().AsNoTracking()
            .Where(a => a.State == ApprovalRow.Pending && a.ExpiresAt <= now && !reviews.Contains(a.Action))
            .Select(a => a.Id).ToListAsync(cancellationToken);
        foreach (var id in late)
        {
            await ExpireAsync(id, cancellationToken);
        }

        return late.Count;
    }

    /// <summary>Who may see a request: its maker, who could decide it, and who may see them all.</summary>
    public static bool IsVisible(ApprovalRow row, Caller caller) =>
        MakerCheck.IsMaker(row, caller) || caller.Has(Permission.ReadApprovals) || caller.Has(row.CheckerPermission);

    /// <summary>SHA-256 of a text, in hex.</summary>
    public static string Hash(string payload) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(payload)));

    public static string Canonical(string json)
    {
        var bytes = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json));
        return bytes.Length <= MaxPayloadBytes
            ? Encoding.UTF8.GetString(bytes)
            : throw new ProblemException(ErrorCodes.RequestBodyTooLarge, "What is asked for has more than 32 KiB.");
    }

    /// <exception cref="ProblemException">request.bad_field.</exception>
    public static string CheckReason(string? reason)
    {
        var text = reason?.Trim() ?? "";
        return text.Length is > 0 and <= MaxReason ? text : throw UserRefusal.Field("/reason", "Say why, in 1 to 1,000 characters.");
    }

    private async Task<ApprovalRow> OpenAsync(UnitOfWork work, string id, Caller caller, CancellationToken cancellationToken)
    {
        var row = await work.Db.Set<ApprovalRow>().SingleOrDefaultAsync(a => a.Id == id, cancellationToken);
        if (row is null || !IsVisible(row, caller))
        {
            throw new ProblemException(ErrorCodes.AccessApprovalNotFound);
        }

        if (row.State != ApprovalRow.Pending)
        {
            throw new ProblemException(ErrorCodes.AccessApprovalClosed, $"It is {row.State}.");
        }

        if (row.ExpiresAt <= time.GetUtcNow() && !policies.IsReview(row.Action))
        {
            await ExpireAsync(id, cancellationToken);
            throw new ProblemException(ErrorCodes.AccessApprovalClosed, "It is expired.");
        }

        return row;
    }

    private async Task<ApprovalPolicy> CheckCheckerAsync(ProbityDb db, ApprovalRow row, Caller caller, CancellationToken cancellationToken)
    {
        var policy = await policies.FindAsync(db, row.Action, cancellationToken);
        await makerCheck.CheckAsync(db, row, policy.Permission, caller, cancellationToken);
        return row.DecisionList.Any(d => d.PersonId == caller.PersonId)
            ? throw new ProblemException(ErrorCodes.AccessApprovalClosed, "You decided it already; another person is needed.")
            : policy;
    }

    private async Task<ApprovalRow> ExecuteAsync(
        UnitOfWork work, ApprovalRow row, string reason, AccessEntry entry, CancellationToken cancellationToken)
    {
        var action = actions.Value.SingleOrDefault(a => a.Action == row.Action)
            ?? throw new ProblemException(ErrorCodes.AccessApprovalActionUnknown);
        try
        {
            await CheckMakerAsync(work.Db, row, action, cancellationToken);
            await action.ExecuteAsync(work, RequestOf(row), entry with { Reason = new EntryReason { Text = row.Reason, Ticket = row.Id } }, cancellationToken);
        }
        catch (ProblemException refused)
        {
            await FailAsync(row.Id, row.DecisionList[^1], refused, entry, cancellationToken);
            throw new ProblemException(
                ErrorCodes.AccessApprovalOutdated, $"It cannot be done any more: {refused.Code.Code}. {refused.Detail ?? refused.Code.Title}");
        }

        row.Close(ApprovalRow.Executed, time.GetUtcNow());
        work.Record(ApprovalEntries.Draft(entry, ApprovalEvents.Approved, row, reason));
        var executed = ApprovalEntries.Draft(entry, ApprovalEvents.Executed, row, reason);
        row.ExecutedEntry = executed.Id;
        work.Record(executed, row);
        await work.CommitAsync(cancellationToken);
        action.Executed();
        return row;
    }

    private async Task FailAsync(
        string id, ApprovalDecision last, ProblemException refused, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<ApprovalRow>().SingleAsync(a => a.Id == id, cancellationToken);
        if (row.State != ApprovalRow.Pending)
        {
            throw new ProblemException(ErrorCodes.AccessApprovalClosed, $"It is {row.State}.");
        }

        row.Add(last);
        row.Failure = refused.Code.Code;
        row.Close(ApprovalRow.Failed, time.GetUtcNow());
        work.Record(ApprovalEntries.Draft(entry, ApprovalEvents.Failed, row, last.Reason) with { Outcome = "failure" }, row);
        await CommitAsync(work, cancellationToken);
    }

    private async Task ExpireAsync(string id, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<ApprovalRow>().SingleAsync(a => a.Id == id, cancellationToken);
        if (row.State != ApprovalRow.Pending)
        {
            return;
        }

        row.Close(ApprovalRow.Expired, time.GetUtcNow());
        work.Record(ApprovalEntries.Draft(new AccessEntry(Caller.Server.ToActor(), null, time), ApprovalEvents.Expired, row, null), row);
        try
        {
            await work.CommitAsync(cancellationToken);
        }
        catch (StorageException changed) when (changed.Code == "storage.row_changed")
        {
            // Another node closed it in the same moment, which is what was wanted.
        }
    }

    /// <summary>What the maker asked for must still be the maker's to ask.</summary>
    private async Task CheckMakerAsync(ProbityDb db, ApprovalRow row, IApprovedAction action, CancellationToken cancellationToken)
    {
        // A review is of what has happened: whoever did it may be gone by now.
        if (row.MakerPerson is not { } person || policies.IsReview(row.Action))
        {
            return;
        }

        var user = await db.Set<UserRow>().AsNoTracking().SingleOrDefaultAsync(u => u.Id == person, cancellationToken);
        var held = await HeldRoles.ReadAsync(db, person, time.GetUtcNow(), cancellationToken);
        if (user is null || user.DisabledAt is not null || (action.MakerPermission is { } needed && !held.Permissions.ContainsKey(needed)))
        {
            throw new ProblemException(ErrorCodes.AccessForbidden, "The one who asked may not ask for it any more.");
        }
    }

    private async Task TryAsync(GatedAction action, string payload, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (actions.Value.SingleOrDefault(a => a.Action == action.Action) is { } known)
        {
            await using var never = new UnitOfWork(database, ledger.Value);
            await known.ExecuteAsync(never, new ApprovedRequest("", action.Target.Id, payload, caller.Id), entry, cancellationToken);
        }
    }

    private static ApprovedRequest RequestOf(ApprovalRow row) => new(row.Id, row.TargetId, row.Payload, row.MakerId);

    private ApprovalDecision Decision(Caller caller, string verdict, string reason) => new(
        caller.Id, caller.PersonId ?? throw new InvalidOperationException("Only people decide."), caller.Name, verdict, reason.Trim(), time.GetUtcNow());

    /// <summary>Of two who decide at once one wins; the other is told so.</summary>
    private static async Task CommitAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        try
        {
            await work.CommitAsync(cancellationToken);
        }
        catch (Exception raced) when (CommitRaces.IsRace(raced))
        {
            throw new ProblemException(ErrorCodes.AccessApprovalClosed, "Someone else decided it, or changed what it is about, in the same moment.");
        }
    }
}
