using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Customers.Ratings;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Onboarding;

/// <summary>
/// Records checks of onboarding. What waives a check, and the approval that an enhanced level asks for, is agreed to by
/// a second person; screening records itself.
/// </summary>
internal sealed class CheckDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, Lazy<ApprovalDesk> approvals, CustomerStanding standing,
    Scorecards scorecards, IRatingSources sources, CustomerSeal seal, DueDays days, TimeProvider time)
{
    private const string Screening = "screening";
    private const string Approval = "approval";
    private const int MaxReference = 200;

    /// <summary>Records a check, or asks a second person. Exactly one of the two results is set.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.changed, request.bad_field.</exception>
    public async Task<(CheckRow? Recorded, string? ApprovalId)> RecordAsync(
        string customerId, RecordCheck asked, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var why = ApprovalDesk.CheckReason(asked.Reason);
        Check(asked);
        var payload = new CheckPayload(
            customerId, asked.Kind, asked.Outcome, asked.Reference, asked.ValidUntil);
        if (asked.Outcome == CheckRow.Waived || (asked.Kind == Approval && asked.Outcome == CheckRow.Passed))
        {
            await using (var db = database.CreateContext())
            {
                await seal.FindAsync(db, customerId, caller.ScopeOf(Permission.ManageDiligence), cancellationToken);
            }

            var approval = await approvals.Value.RequestAsync(
                new GatedAction(
                    AgreeCheckAction.Name, new EntryTarget("customer_record", customerId),
                    JsonSerializer.Serialize(payload, ApprovalJson.Options), why),
                caller, entry, cancellationToken);
            return (null, approval.Id);
        }

        var told = entry with { Reason = new EntryReason { Text = why } };
        return (await CommitRaces.AgainAsync(
            () => RecordOnceAsync(payload, caller, told, cancellationToken), ErrorCodes.CustomersChanged), null);
    }

    /// <summary>Adds what was agreed to, to the unit of work of the approval.</summary>
    public async Task AgreeAsync(
        UnitOfWork work, CheckPayload agreed, string approvalId, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var (row, document) = await seal.FindAsync(work.Db, agreed.CustomerId, EntityScope.All, cancellationToken);
        await AddAsync(work, row, document, agreed, approvalId, entry, cancellationToken);
    }

    /// <summary>How far onboarding of a customer is, by the scorecard in force or the one that ships.</summary>
    public async Task<(CheckState State, bool IsDemanded)> StateAsync(
        CustomerRow row, CustomerDocument document, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var current = await scorecards.CurrentAsync(db, cancellationToken);
        var state = await CheckState.ReadAsync(
            db, row, document, current?.Scorecard ?? ScorecardPack.Scorecard(),
            await sources.ScreeningAsync(db, row, cancellationToken),
            days.Today, cancellationToken);
        return (state, current is not null);
    }

    private async Task<CheckRow> RecordOnceAsync(
        CheckPayload payload, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var (row, document) = await seal.FindAsync(
            work.Db, payload.CustomerId, caller.ScopeOf(Permission.ManageDiligence), cancellationToken);
        var check = await AddAsync(work, row, document, payload, null, entry, cancellationToken);
        await work.CommitAsync(cancellationToken);
        return check;
    }

    private async Task<CheckRow> AddAsync(
        UnitOfWork work, CustomerRow row, CustomerDocument document, CheckPayload asked, string? approvalId,
        AccessEntry entry, CancellationToken cancellationToken)
    {
        if (document.Role == CustomerRules.Related)
        {
            throw ProblemException.BadField(
                "/customer_id", "A related party is no customer: it is screened and not onboarded.");
        }

        var check = new CheckRow
        {
            Id = AccessIds.New(CheckRow.Prefix, time.GetUtcNow()),
            CustomerId = row.Id,
            Kind = asked.Kind,
            Outcome = asked.Outcome,
            ApprovalId = approvalId,
            CheckedBy = entry.Actor.Id,
            CheckedAt = time.GetUtcNow(),
            ValidUntil = asked.ValidUntil,
        };
        work.Add(check);
        work.Record(
            entry.Draft(
                CustomerEvents.Checked, "customers.check", "sensitive_update",
                new EntryTarget(CustomerRow.SubjectType, row.ExternalId), ("kind", asked.Kind),
                ("outcome", asked.Outcome), ("reference", asked.Reference), ("reason", entry.Reason?.Text),
                ("approval", approvalId)),
            check);
        await standing.RefreshAsync(work, row, document, RatingCause.Check, entry, cancellationToken);
        return check;
    }

    private void Check(RecordCheck asked)
    {
        if (asked.Kind == Screening || !ScorecardReader.Checks.Contains(asked.Kind))
        {
            throw ProblemException.BadField(
                "/kind", "Use one of "
                + string.Join(", ", ScorecardReader.Checks.Where(kind => kind != Screening))
                + "; screening records itself.");
        }

        if (asked.Outcome is not (CheckRow.Passed or CheckRow.Failed or CheckRow.Waived))
        {
            throw ProblemException.BadField("/outcome", "Use passed, failed or waived.");
        }

        if (asked.Reference is { } reference
            && (reference.Length is 0 or > MaxReference || reference.Any(char.IsControl)))
        {
            throw ProblemException.BadField(
                "/reference", $"Say where the proof is kept, in 1 to {MaxReference} characters.");
        }

        if (asked.ValidUntil < days.Today)
        {
            throw ProblemException.BadField("/valid_until", "Give a day from today on, or leave it out.");
        }
    }
}

/// <summary>What the second person agrees to.</summary>
internal sealed record CheckPayload(
    string CustomerId, string Kind, string Outcome, string? Reference, DateOnly? ValidUntil);

/// <summary>Records a check that was agreed to.</summary>
internal sealed class AgreeCheckAction(Lazy<CheckDesk> desk) : IApprovedAction
{
    public const string Name = "customers.check.agree";

    public string Action => Name;

    public string MakerPermission => Permission.ManageDiligence;

    public Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var agreed = JsonSerializer.Deserialize<CheckPayload>(request.Payload, ApprovalJson.Options)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        return desk.Value.AgreeAsync(work, agreed, request.ApprovalId, entry, cancellationToken);
    }
}

/// <summary>Records a check of onboarding.</summary>
internal sealed record RecordCheck
{
    /// <summary>identity, document, address, ownership, purpose, source_of_funds or approval.</summary>
    public required string Kind { get; init; }

    /// <summary>passed, failed or waived; waived, and an approval that is passed, ask a second person.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was seen, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>Where the proof is kept, 1 to 200 characters; null for nowhere.</summary>
    public string? Reference { get; init; }

    /// <summary>The last day it holds; null for no end.</summary>
    public DateOnly? ValidUntil { get; init; }
}
