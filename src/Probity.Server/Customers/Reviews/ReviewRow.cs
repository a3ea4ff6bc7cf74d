using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Customers.Reviews;

/// <summary>One row of <c>customer_review</c>: a periodic or event-driven review that was completed. What was found is
/// in the entry.</summary>
internal sealed class ReviewRow
{
    public const string Prefix = "rev_";

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    /// <summary>One of <see cref="ReviewDesk.Outcomes"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>When it was due; null when it was not.</summary>
    public DateOnly? DueOn { get; init; }

    /// <summary>When the next one is due; null when none is.</summary>
    public DateOnly? NextDueOn { get; init; }

    /// <summary>The rating that was reviewed; null when there was none.</summary>
    public string? Rating { get; init; }

    public string? RatingId { get; init; }

    public required int CustomerVersion { get; init; }

    public required string CompletedBy { get; init; }

    public required DateTimeOffset CompletedAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ReviewRow>(map =>
    {
        map.ToTable("customer_review");
        map.HasKey(row => row.Id);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.Audited();
    });
}
