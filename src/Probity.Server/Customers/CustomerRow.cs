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

    public static void Configure(ModelBuilder model) => model.Entity<CustomerRow>(map =>
    {
        map.ToTable("customer_record");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.ExternalId).IsUnique();
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
