using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Customers;

/// <summary>
/// One row of <c>customer_record</c>. What is personal is <see cref="Sealed"/>, under the customer's own key; number,
/// kind and legal entity are in clear, because rows are found and scoped by them.
/// </summary>
internal sealed class CustomerRow
{
    public const string Prefix = "cus_";
    public const string Active = "active";
    public const string Erased = "erased";

    /// <summary>The type of the person in entries; the id is the institution's own number, so that one erasure reaches
    /// what other systems recorded of the same customer.</summary>
    public const string SubjectType = "customer";

    /// <summary><c>cus_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    public required string ExternalId { get; init; }

    public required string Kind { get; set; }

    public string? LegalEntity { get; set; }

    /// <summary>active or erased.</summary>
    public required string State { get; set; }

    /// <summary>1 for the first, one more with every change.</summary>
    public required int Version { get; set; }

    /// <summary>The data key; null where encryption is off, or after an erasure.</summary>
    public string? KeyId { get; set; }

    /// <summary>See <see cref="CustomerSeal"/>; empty after an erasure.</summary>
    public required byte[] Sealed { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The rating in force: low, medium or high; null while no scorecard rates.</summary>
    public string? Rating { get; set; }

    /// <summary>The row of <c>customer_rating</c> that says so.</summary>
    public string? RatingId { get; set; }

    /// <summary>The scorecard it was computed by.</summary>
    public string? RatedBy { get; set; }

    /// <summary>When it was last computed, also when it came to the same.</summary>
    public DateTimeOffset? RatedAt { get; set; }

    /// <summary>When a day makes it worth computing again; null for never.</summary>
    public DateTimeOffset? RerateAt { get; set; }

    /// <summary>The version these members were made from; 0 for none.</summary>
    public int StandingVersion { get; set; }

    /// <summary>When the next periodic review is due; null when none is.</summary>
    public DateOnly? ReviewDueOn { get; set; }

    /// <summary>The last day on which an identification document holds; null when one has no end, or there is
    /// none.</summary>
    public DateOnly? DocumentsEndOn { get; set; }

    /// <summary>pending, active or refused; null while no scorecard asks for checks.</summary>
    public string? Onboarding { get; set; }

    /// <summary>The level of due diligence and what its checks came to, as <c>OnboardingFacts.Write</c> has it; null
    /// where <see cref="Onboarding"/> is.</summary>
    public string? Checks { get; set; }

    /// <summary>Takes over what follows from a customer, unless the customer or its rating changed meanwhile.</summary>
    public void TakeStanding(CustomerRow from)
    {
        if (Version != from.Version || RatingId != from.RatingId || State != from.State)
        {
            return;
        }

        (Rating, RatedBy, RatedAt, RerateAt) = (from.Rating, from.RatedBy, from.RatedAt, from.RerateAt);
        (StandingVersion, ReviewDueOn, DocumentsEndOn) =
            (from.StandingVersion, from.ReviewDueOn, from.DocumentsEndOn);
        (Onboarding, Checks) = (from.Onboarding, from.Checks);
    }

    public static void Configure(ModelBuilder model) => model.Entity<CustomerRow>(map =>
    {
        const string Standing = "An index over ratings, reviews, checks and the document, which have entries.";
        map.ToTable("customer_record");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.ExternalId).IsUnique();
        map.Property(row => row.Rating).Operational(Standing);
        map.Property(row => row.RatingId).Operational(Standing);
        map.Property(row => row.RatedBy).Operational(Standing);
        map.Property(row => row.RatedAt).Operational(Standing);
        map.Property(row => row.RerateAt).Operational(Standing);
        map.Property(row => row.StandingVersion).Operational(Standing);
        map.Property(row => row.ReviewDueOn).Operational(Standing);
        map.Property(row => row.DocumentsEndOn).Operational(Standing);
        map.Property(row => row.Onboarding).Operational(Standing);
        map.Property(row => row.Checks).Operational(Standing);
        map.Audited();
    });
}

/// <summary>One row of <c>customer_term</c>: a word of a customer, as a keyed hash.</summary>
internal sealed class CustomerTermRow
{
    public required string CustomerId { get; init; }

    /// <summary>See <see cref="CustomerWords"/>.</summary>
    public required long Term { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<CustomerTermRow>(map =>
    {
        map.ToTable("customer_term");
        map.HasKey(row => new { row.CustomerId, row.Term });
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.Operational("An index over customer_record, written with it and made again from it.");
    });
}
