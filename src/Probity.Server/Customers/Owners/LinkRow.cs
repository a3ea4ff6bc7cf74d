using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Customers.Owners;

/// <summary>One row of <c>customer_link</c>: how one party stands to another. Both are registered, so both are
/// screened.</summary>
internal sealed class LinkRow
{
    public const string Prefix = "lnk_";
    public const string Owns = "owns";
    public const string Controls = "controls";

    public required string Id { get; init; }

    /// <summary>Who owns, controls or is otherwise related, <c>cus_…</c>.</summary>
    public required string OwnerId { get; init; }

    /// <summary>Whom it is about, <c>cus_…</c>.</summary>
    public required string OwnedId { get; init; }

    /// <summary>One of <see cref="LinkDesk.Kinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The share in millionths; null unless it owns.</summary>
    public int? Millionths { get; init; }

    public DateOnly? Since { get; init; }

    public required string MadeBy { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<LinkRow>(map =>
    {
        map.ToTable("customer_link");
        map.HasKey(row => row.Id);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.OwnerId);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.OwnedId);
        map.Audited();
    });
}
