using Microsoft.EntityFrameworkCore;
using Probity.Server.Cases;
using Probity.Server.Customers;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Screening.Hits;

/// <summary>
/// One row of <c>screening_hit</c>: a customer and a list entry that belong together or not. There is one for the
/// two, whatever happens to either: when one of them changes, what was decided is open again.
/// </summary>
internal sealed class HitRow
{
    public const string Prefix = "hit_";
    public const string Open = "open";
    public const string TrueMatch = "true_match";
    public const string FalsePositive = "false_positive";
    public const string Escalated = "escalated";
    public const string Exempted = "exempted";

    /// <summary>The entry is gone from the list, or the two do not reach the threshold any more.</summary>
    public const string Ended = "ended";

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    /// <summary>The customer's number, for entries and alerts.</summary>
    public required string ExternalId { get; init; }

    public string? LegalEntity { get; set; }

    public required string List { get; init; }

    /// <summary>The list's own id of the entry.</summary>
    public required string EntityUid { get; init; }

    /// <summary>Of all of the entry that matters; see <c>EntityFacts.Hash</c>.</summary>
    public required string EntrySha256 { get; set; }

    /// <summary>A keyed digest of what was asked about the customer.</summary>
    public required string CustomerDigest { get; set; }

    /// <summary>0 to 10,000.</summary>
    public required int Score { get; set; }

    public required string Status { get; set; }

    /// <summary>The entry that holds the answer it was last found in.</summary>
    public required string Evidence { get; set; }

    /// <summary>The alert that is open for it, or was last; null when it was exempted from the first.</summary>
    public string? AlertId { get; set; }

    public string? ReasonCode { get; set; }

    public string? DecidedBy { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    public required DateTimeOffset FoundAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<HitRow>(map =>
    {
        map.ToTable("screening_hit");
        map.HasKey(row => row.Id);
        map.HasIndex(row => new { row.CustomerId, row.List, row.EntityUid }).IsUnique();
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.HasOne<AlertRow>().WithMany().HasForeignKey(row => row.AlertId);
        map.Audited();
    });
}

/// <summary>One row of <c>screening_exemption</c>: the two are known not to be the same, until either
/// changes.</summary>
internal sealed class ExemptionRow
{
    public const string Prefix = "exm_";
    public const string Active = "active";

    /// <summary>One side changed, or the time is over: the hit is open again.</summary>
    public const string Reopened = "reopened";

    public required string Id { get; init; }

    public required string HitId { get; init; }

    public required string CustomerId { get; init; }

    public required string List { get; init; }

    public required string EntityUid { get; init; }

    public required string EntrySha256 { get; init; }

    public required string CustomerDigest { get; init; }

    public required string ReasonCode { get; init; }

    /// <summary>Where the proof is kept: a document's number, a case; not the proof itself.</summary>
    public required string Proof { get; init; }

    /// <summary>The approval of the second person.</summary>
    public required string ApprovalId { get; init; }

    public required string State { get; set; }

    public required DateTimeOffset MadeAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ExemptionRow>(map =>
    {
        map.ToTable("screening_exemption");
        map.HasKey(row => row.Id);
        map.HasOne<HitRow>().WithMany().HasForeignKey(row => row.HitId);
        map.Audited();
    });
}
