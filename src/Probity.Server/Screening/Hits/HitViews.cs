using System.Text.Json;

namespace Probity.Server.Screening.Hits;

/// <summary>A hit as it is listed; see <see cref="HitRow"/>.</summary>
internal sealed record HitView
{
    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    public required string ExternalId { get; init; }

    public required string List { get; init; }

    public required string EntityUid { get; init; }

    public required decimal Score { get; init; }

    public required string Status { get; init; }

    public string? ReasonCode { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? AlertId { get; init; }

    public required string Evidence { get; init; }

    public required DateTimeOffset FoundAt { get; init; }

    public static HitView Of(HitRow row) => new()
    {
        Id = row.Id,
        CustomerId = row.CustomerId,
        ExternalId = row.ExternalId,
        List = row.List,
        EntityUid = row.EntityUid,
        Score = row.Score / 10_000m,
        Status = row.Status,
        ReasonCode = row.ReasonCode,
        DecidedBy = row.DecidedBy,
        DecidedAt = row.DecidedAt,
        AlertId = row.AlertId,
        Evidence = row.Evidence,
        FoundAt = row.FoundAt,
    };
}

/// <summary>A page of hits, the newest first.</summary>
internal sealed record HitPage(IReadOnlyList<HitView> Hits, string? NextPageToken);

/// <summary>A hit with both sides.</summary>
/// <param name="Hit">The hit.</param>
/// <param name="Fields">Field by field.</param>
/// <param name="Explanation">The same in words; null when the evidence cannot be opened any more.</param>
/// <param name="Result">What the answer of the evidence says about this entry; null as above.</param>
internal sealed record HitDetail(
    HitView Hit, IReadOnlyList<ComparedField> Fields, string? Explanation, JsonElement? Result);

/// <summary>One field of both sides.</summary>
/// <param name="Field">names, birth date, countries…</param>
/// <param name="Ours">What the customer has; empty for nothing.</param>
/// <param name="Theirs">What the list has; empty for nothing.</param>
/// <param name="Says">same, similar (names only), differs, or missing on one side at least.</param>
internal sealed record ComparedField(
    string Field, IReadOnlyList<string> Ours, IReadOnlyList<string> Theirs, string Says)
{
    public const string Same = "same";
    public const string Similar = "similar";
    public const string Differs = "differs";
    public const string Missing = "missing";
}

/// <summary>What <c>POST /api/v1/screening/hits/{id}:decide</c> takes.</summary>
internal sealed record DecideHit
{
    /// <summary>true_match, false_positive or escalate.</summary>
    public required string Decision { get; init; }

    /// <summary>One of <see cref="HitReasons"/>; needed for false_positive.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>What <c>POST /api/v1/screening/hits/{id}:exempt</c> takes.</summary>
internal sealed record AskExemption
{
    /// <summary>One of <see cref="HitReasons"/>.</summary>
    public required string ReasonCode { get; init; }

    /// <summary>Where the proof is kept, 1 to 500 characters: a document's number, a case.</summary>
    public required string Proof { get; init; }

    /// <summary>The last day, at most two years ahead.</summary>
    public required DateOnly ExpiresOn { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>How a customer stands.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="State">not_screened, outdated (of lists that are not live any more), clear or hits.</param>
/// <param name="CustomerVersion">The version that was screened; null when none was.</param>
/// <param name="ScreenedAt">When it was screened in full last.</param>
/// <param name="Evidence">The entry with the whole answer.</param>
/// <param name="Lists">The versions it is covered by.</param>
/// <param name="OpenHits">Hits that wait for a decision.</param>
internal sealed record CustomerStanding(
    string CustomerId, string State, int? CustomerVersion, DateTimeOffset? ScreenedAt, string? Evidence,
    IReadOnlyDictionary<string, string> Lists, int OpenHits);
