using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// Sets ratings by hand: one person asks, with a reason and a last day, another agrees. It ends by itself, and what a
/// floor of the scorecard asks for is not lowered by it.
/// </summary>
internal sealed class OverrideDesk(
    Lazy<ApprovalDesk> approvals, CustomerRegister register,
    CustomerStanding standing, CustomerSeal seal, DueDays days, TimeProvider time)
{
    /// <summary>The longest an override is given for.</summary>
    public const int MaxDays = 366;

    /// <summary>Asks a second person.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.not_rated, request.bad_field.</exception>
    public async Task<ApprovalRow> AskAsync(
        string customerId, AskOverride asked, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var (row, _) = await register.GetAsync(
            customerId, caller.ScopeOf(Permission.ManageDiligence), cancellationToken);
        Check(row, asked.Rating, asked.ExpiresOn);
        var payload = new OverridePayload(customerId, asked.Rating, asked.ExpiresOn);
        return await approvals.Value.RequestAsync(
            new GatedAction(
                OverrideRatingAction.Name, new EntryTarget("customer_record", customerId),
                JsonSerializer.Serialize(payload, ApprovalJson.Options), asked.Reason),
            caller, entry, cancellationToken);
    }

    /// <summary>Adds an agreed override and the rating that follows from it to the unit of work of the
    /// approval.</summary>
    /// <exception cref="ProblemException">customers.not_found, customers.not_rated, request.bad_field.</exception>
    public async Task SetAsync(
        UnitOfWork work, OverridePayload agreed, ApprovedRequest request, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var (row, document) = await seal.FindAsync(work.Db, agreed.CustomerId, EntityScope.All, cancellationToken);
        Check(row, agreed.Rating, agreed.ExpiresOn);
        var subject = new EntryTarget(CustomerRow.SubjectType, row.ExternalId);
        var before = await work.Db.Set<OverrideRow>().SingleOrDefaultAsync(
            item => item.CustomerId == row.Id && item.State == OverrideRow.Active, cancellationToken);
        if (before is not null)
        {
            before.State = OverrideRow.Ended;
            work.Record(
                entry.Draft(
                    CustomerEvents.OverrideEnded, "customers.rating.override_end", "sensitive_update", subject,
                    ("override", before.Id)),
                before);
        }

        var set = new OverrideRow
        {
            Id = AccessIds.New(OverrideRow.Prefix, time.GetUtcNow()),
            CustomerId = row.Id,
            Rating = agreed.Rating,
            ApprovalId = request.ApprovalId,
            State = OverrideRow.Active,
            MadeBy = request.MakerId,
            MadeAt = time.GetUtcNow(),
            ExpiresAt = days.Start(agreed.ExpiresOn.AddDays(1)),
        };
        work.Add(set);
        work.Record(
            entry.Draft(
                CustomerEvents.Overridden, "customers.rating.override", "sensitive_update", subject,
                ("override", set.Id), ("approval", request.ApprovalId)),
            set);
        await standing.RefreshAsync(work, row, document, RatingCause.Override, entry, cancellationToken);
    }

    private void Check(CustomerRow row, string rating, DateOnly expiresOn)
    {
        if (row.RatingId is null)
        {
            throw new ProblemException(ErrorCodes.CustomersNotRated);
        }

        if (RatingRecord.Read(rating) is null)
        {
            throw ProblemException.BadField("/rating", "Use low, medium or high.");
        }

        var today = days.Today;
        if (expiresOn < today || expiresOn > today.AddDays(MaxDays))
        {
            throw ProblemException.BadField(
                "/expires_on", $"Give the last day it holds, from today on, at most {MaxDays} days ahead.");
        }
    }
}

/// <summary>What the second person agrees to.</summary>
internal sealed record OverridePayload(string CustomerId, string Rating, DateOnly ExpiresOn);

/// <summary>Sets what was agreed to.</summary>
internal sealed class OverrideRatingAction(Lazy<OverrideDesk> desk) : IApprovedAction
{
    public const string Name = "customers.rating.override";

    public string Action => Name;

    public string MakerPermission => Permission.ManageDiligence;

    public Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var agreed = JsonSerializer.Deserialize<OverridePayload>(request.Payload, ApprovalJson.Options)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        return desk.Value.SetAsync(work, agreed, request, entry, cancellationToken);
    }
}

/// <summary>Asks for a rating by hand.</summary>
internal sealed record AskOverride
{
    /// <summary>low, medium or high; never below what a floor of the scorecard asks for.</summary>
    public required string Rating { get; init; }

    /// <summary>The last day it holds, from today on, at most 366 days ahead.</summary>
    public required DateOnly ExpiresOn { get; init; }

    /// <summary>Why, 1 to 1,000 characters: the second person reads it.</summary>
    public required string Reason { get; init; }
}
