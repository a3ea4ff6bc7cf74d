using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// One row of <c>customer_scorecard</c>: how customers are rated. What it says never changes; another wish is another
/// draft. In force is the approved one with the latest time that has come.
/// </summary>
internal sealed class ScorecardRow
{
    public const string Prefix = "scd_";
    public const string Draft = "draft";
    public const string Approved = "approved";

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>SHA-256 of the canonical document.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The document, canonical JSON; checked against its hash whenever it is read.</summary>
    public required string Json { get; init; }

    public required string Note { get; init; }

    public required string State { get; set; }

    /// <summary>From when it rates; null for a draft.</summary>
    public DateTimeOffset? ActiveFrom { get; set; }

    /// <summary>1 for the first agreement, one more with each: of two in the same instant one has the number first, and
    /// the other decides anew. Null for a draft.</summary>
    public int? AgreedNumber { get; set; }

    /// <summary>The scorecard that was agreed to last when this one was drafted; null while none was.</summary>
    public string? BaseId { get; init; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ScorecardRow>(map =>
    {
        map.ToTable("customer_scorecard");
        map.HasKey(row => row.Id);
        map.Property(row => row.Json).Operational("Content under its own hash, which the entry names.");
        map.Property(row => row.AgreedNumber).Operational("The order of the entries of agreement, which name it.");
        map.HasIndex(row => row.AgreedNumber).IsUnique();
        map.Audited();
    });
}

/// <summary>
/// One row of <c>customer_rating</c>: a rating of a customer. Rows are added and never changed: they are the history.
/// Facts and contributions are in the entry, under the customer's key.
/// </summary>
internal sealed class RatingRow
{
    public const string Prefix = "rtg_";

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    /// <summary>1 for the first of the customer, one more each time.</summary>
    public required int Number { get; init; }

    public required int CustomerVersion { get; init; }

    public required string ScorecardId { get; init; }

    /// <summary>In hundredths, 0 to 10,000.</summary>
    public required int Score { get; init; }

    /// <summary>What score and floors came to: low, medium or high.</summary>
    public required string Computed { get; init; }

    /// <summary>The rating in force.</summary>
    public required string Rating { get; init; }

    /// <summary>What persons set; null for nothing.</summary>
    public string? OverrideId { get; init; }

    /// <summary>Why it was computed, one of <see cref="RatingCause"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>A keyed digest of what it was computed from: the same again makes no row.</summary>
    public required string Inputs { get; init; }

    public required DateTimeOffset RatedAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<RatingRow>(map =>
    {
        map.ToTable("customer_rating");
        map.HasKey(row => row.Id);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.HasOne<ScorecardRow>().WithMany().HasForeignKey(row => row.ScorecardId);
        map.HasOne<OverrideRow>().WithMany().HasForeignKey(row => row.OverrideId);
        map.Audited();
    });
}

/// <summary>Why a customer is rated.</summary>
internal static class RatingCause
{
    /// <summary>The customer changed.</summary>
    public const string Customer = "customer_changed";

    /// <summary>Hits or alerts changed.</summary>
    public const string Findings = "findings_changed";

    /// <summary>Another scorecard came into force.</summary>
    public const string Scorecard = "scorecard_changed";

    /// <summary>A day came (an end of a document, a due review, an override, a list, another look at activity), or
    /// somebody further behind the customer changed.</summary>
    public const string Due = "due";

    /// <summary>Somebody behind the customer changed.</summary>
    public const string Owners = "owners_changed";

    /// <summary>An override was given.</summary>
    public const string Override = "override_given";

    /// <summary>A review was completed.</summary>
    public const string Review = "review_completed";

    /// <summary>A check was recorded.</summary>
    public const string Check = "check_recorded";
}

/// <summary>
/// One row of <c>customer_rating_override</c>: a rating that one person asked for, with a reason, and another agreed
/// to, until a day.
/// </summary>
internal sealed class OverrideRow
{
    public const string Prefix = "ovr_";
    public const string Active = "active";
    public const string Ended = "ended";

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    public required string Rating { get; init; }

    /// <summary>The approval of the second person, which holds the reason.</summary>
    public required string ApprovalId { get; init; }

    public required string State { get; set; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The first instant it holds no more.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<OverrideRow>(map =>
    {
        map.ToTable("customer_rating_override");
        map.HasKey(row => row.Id);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.Audited();
    });
}
