using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Cases;
using Probity.Server.Customers;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Hits;

/// <summary>Takes decisions on hits; a decision and that of its alert are one commit.</summary>
internal sealed class HitDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, AlertDesk alerts, Lazy<ApprovalDesk> approvals,
    TimeProvider time)
{
    /// <summary>The longest an exemption is given for.</summary>
    public const int MaxExemptionDays = 730;

    private const int MaxProof = 500;

    /// <summary>Decides a hit.</summary>
    /// <exception cref="ProblemException">screening.hit_not_found, screening.hit_decided,
    /// request.bad_field.</exception>
    public async Task<HitRow> DecideAsync(
        string id, DecideHit asked, EntityScope scope, AccessEntry entry, CancellationToken cancellationToken)
    {
        var why = ApprovalDesk.CheckReason(asked.Reason);
        var status = asked.Decision switch
        {
            "true_match" => HitRow.TrueMatch,
            "false_positive" => HitRow.FalsePositive,
            "escalate" => HitRow.Escalated,
            _ => throw Bad("/decision", "Use true_match, false_positive or escalate."),
        };
        CheckReasonCode(asked.ReasonCode, isNeeded: status == HitRow.FalsePositive);
        await using var work = new UnitOfWork(database, ledger.Value);
        var hit = await FindAsync(work.Db, id, scope, cancellationToken);
        if (hit.Status is not (HitRow.Open or HitRow.Escalated) || hit.Status == status)
        {
            throw new ProblemException(ErrorCodes.ScreeningHitDecided, $"It is {hit.Status}.");
        }

        Decide(hit, status, asked.ReasonCode, entry);
        var told = entry with { Reason = new EntryReason { Text = why, Code = asked.ReasonCode } };
        work.Record(Draft(told, hit, HitEvents.Decided, "screening.hit.decide"), hit);
        await DecideAlertAsync(work, hit, told, cancellationToken);
        await CommitAsync(work, cancellationToken);
        return hit;
    }

    /// <summary>Asks a second person to exempt the two from each other.</summary>
    /// <returns>The approval that waits.</returns>
    public async Task<ApprovalRow> AskExemptionAsync(
        string id, AskExemption asked, Caller caller, EntityScope scope, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        CheckReasonCode(asked.ReasonCode, isNeeded: true);
        CheckExpiry(asked.ExpiresOn);
        var proof = asked.Proof.Trim();
        if (proof.Length is 0 or > MaxProof)
        {
            throw Bad("/proof", $"Say where the proof is kept, in 1 to {MaxProof} characters.");
        }

        await using var db = database.CreateContext();
        var hit = await FindAsync(db, id, scope, cancellationToken);
        var payload = new ExemptionPayload(
            hit.Id, hit.EntrySha256, hit.CustomerDigest, asked.ReasonCode, proof, asked.ExpiresOn);
        return await approvals.Value.RequestAsync(
            new GatedAction(
                ExemptAction.Name, new EntryTarget("screening_hit", hit.Id),
                JsonSerializer.Serialize(payload, ApprovalJson.Options), asked.Reason),
            caller, entry, cancellationToken);
    }

    /// <summary>Adds an agreed exemption to the unit of work of the approval.</summary>
    /// <exception cref="ProblemException">screening.hit_changed: it is not what was agreed to any more.</exception>
    public async Task ExemptAsync(
        UnitOfWork work, ExemptionPayload agreed, string approvalId, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var hit = await work.Db.Set<HitRow>().SingleOrDefaultAsync(row => row.Id == agreed.HitId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.ScreeningHitNotFound);
        CheckExpiry(agreed.ExpiresOn);
        if (hit.Status is HitRow.Exempted or HitRow.Ended || hit.EntrySha256 != agreed.EntrySha256
            || hit.CustomerDigest != agreed.CustomerDigest)
        {
            throw new ProblemException(ErrorCodes.ScreeningHitChanged);
        }

        var exemption = new ExemptionRow
        {
            Id = AccessIds.New(ExemptionRow.Prefix, time.GetUtcNow()),
            HitId = hit.Id,
            CustomerId = hit.CustomerId,
            List = hit.List,
            EntityUid = hit.EntityUid,
            EntrySha256 = hit.EntrySha256,
            CustomerDigest = hit.CustomerDigest,
            ReasonCode = agreed.ReasonCode,
            Proof = agreed.Proof,
            ApprovalId = approvalId,
            State = ExemptionRow.Active,
            MadeAt = time.GetUtcNow(),
            ExpiresAt = new DateTimeOffset(agreed.ExpiresOn.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
        };
        work.Add(exemption);
        work.Record(
            entry.Draft(
                HitEvents.Exempted, "screening.exemption.add", "sensitive_update",
                new EntryTarget(CustomerRow.SubjectType, hit.ExternalId), ("hit", hit.Id),
                ("approval", approvalId)),
            exemption);
        var wasWaiting = hit.Status is HitRow.Open or HitRow.Escalated;
        Decide(hit, HitRow.Exempted, agreed.ReasonCode, entry);
        work.Record(Draft(entry, hit, HitEvents.Decided, "screening.hit.exempt"), hit);
        if (wasWaiting)
        {
            await DecideAlertAsync(work, hit, entry, cancellationToken);
        }
    }

    private void Decide(HitRow hit, string status, string? reasonCode, AccessEntry entry)
    {
        (hit.Status, hit.ReasonCode) = (status, reasonCode);
        (hit.DecidedBy, hit.DecidedAt) = (entry.Actor.Id, time.GetUtcNow());
        hit.UpdatedAt = time.GetUtcNow();
    }

    private async Task DecideAlertAsync(
        UnitOfWork work, HitRow hit, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (hit.AlertId is { } alert)
        {
            var isEscalation = hit.Status == HitRow.Escalated;
            await alerts.DecideAsync(
                work, alert,
                new AlertDecision(
                    hit.Status, hit.ReasonCode, isEscalation, isEscalation ? HitKeeper.EscalatedRoute : null),
                entry, cancellationToken);
        }
    }

    private static async Task<HitRow> FindAsync(
        ProbityDb db, string id, EntityScope scope, CancellationToken cancellationToken)
    {
        var hit = await db.Set<HitRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
        return hit is not null && (scope.IsAll || (hit.LegalEntity is { } code && scope.Covers(code)))
            ? hit : throw new ProblemException(ErrorCodes.ScreeningHitNotFound);
    }

    private static async Task CommitAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        try
        {
            await work.CommitAsync(cancellationToken);
        }
        catch (StorageException changed) when (changed.Code == "storage.row_changed")
        {
            throw new ProblemException(ErrorCodes.ScreeningHitChanged);
        }
    }

    private void CheckExpiry(DateOnly day)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (day < today || day > today.AddDays(MaxExemptionDays))
        {
            throw Bad("/expires_on", $"Give a day from today on, at most {MaxExemptionDays} days ahead.");
        }
    }

    private static void CheckReasonCode(string? code, bool isNeeded)
    {
        if (code is null ? isNeeded : !HitReasons.IsKnown(code))
        {
            throw Bad(
                "/reason_code", $"Use one of {string.Join(", ", HitReasons.FalsePositive.Select(item => item.Code))}.");
        }
    }

    private static EntryDraft Draft(AccessEntry entry, HitRow hit, string type, string action) => entry.Draft(
        type, action, "sensitive_update", new EntryTarget(CustomerRow.SubjectType, hit.ExternalId),
        ("list", hit.List), ("entity", hit.EntityUid), ("decision", hit.Status), ("reason_code", hit.ReasonCode),
        ("evidence", hit.Evidence));

    private static ProblemException Bad(string pointer, string text) => new(ErrorCodes.RequestBadField)
    {
        Faults = [new(pointer, ErrorCodes.RequestBadField.Code, text)],
    };
}

/// <summary>What the second person agrees to: this hit as it is now.</summary>
internal sealed record ExemptionPayload(
    string HitId, string EntrySha256, string CustomerDigest, string ReasonCode, string Proof, DateOnly ExpiresOn);

/// <summary>Exempts what was agreed to.</summary>
internal sealed class ExemptAction(Lazy<HitDesk> desk) : IApprovedAction
{
    public const string Name = "screening.exemption.add";

    public string Action => Name;

    public string MakerPermission => Permission.DecideHits;

    public Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var agreed = JsonSerializer.Deserialize<ExemptionPayload>(request.Payload, ApprovalJson.Options)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        return desk.Value.ExemptAsync(work, agreed, request.ApprovalId, entry, cancellationToken);
    }
}

/// <summary>Opens again what was exempted until a day that is over.</summary>
internal sealed class ExemptionSweep(
    IDatabase database, Lazy<ILedgerWriter> ledger, HitKeeper keeper, TimeProvider time)
{
    private const int Most = 100;

    /// <returns>How many were opened.</returns>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var now = time.GetUtcNow();
        var over = await work.Db.Set<ExemptionRow>()
            .Where(row => row.State == ExemptionRow.Active && row.ExpiresAt <= now)
            .OrderBy(row => row.ExpiresAt).Take(Most).ToListAsync(cancellationToken);
        foreach (var exemption in over)
        {
            var hit = await work.Db.Set<HitRow>().SingleAsync(row => row.Id == exemption.HitId, cancellationToken);
            await keeper.ReopenAsync(
                work, hit, exemption, isFound: false, new AccessEntry(Caller.Server.ToActor(), null, time),
                cancellationToken);
        }

        if (over.Count > 0)
        {
            await work.CommitAsync(cancellationToken);
        }

        return over.Count;
    }
}
