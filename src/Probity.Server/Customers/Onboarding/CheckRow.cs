using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Customers.Onboarding;

/// <summary>One row of <c>customer_check</c>: a check of onboarding with its outcome; the last one of a kind
/// counts. What was seen is in the entry.</summary>
internal sealed class CheckRow
{
    public const string Prefix = "chk_";
    public const string Passed = "passed";
    public const string Failed = "failed";
    public const string Waived = "waived";

    public required string Id { get; init; }

    public required string CustomerId { get; init; }

    /// <summary>One of <c>ScorecardReader.Checks</c> but screening, which is never recorded by hand.</summary>
    public required string Kind { get; init; }

    public required string Outcome { get; init; }

    /// <summary>The approval of a second person; null when none was needed.</summary>
    public string? ApprovalId { get; init; }

    public required string CheckedBy { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>The last day it holds; null for no end.</summary>
    public DateOnly? ValidUntil { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<CheckRow>(map =>
    {
        map.ToTable("customer_check");
        map.HasKey(row => row.Id);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.Audited();
    });
}
