using Microsoft.EntityFrameworkCore;
using Probity.Server.Customers;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Screening.Continuous;

/// <summary>
/// One row of <c>screening_result</c>: the last screening of a customer in full. The answer itself, with lists, engine
/// and configuration, is in the entry that <see cref="Evidence"/> names.
/// </summary>
internal sealed class ResultRow
{
    public required string CustomerId { get; init; }

    /// <summary>The version of the customer that was screened; another one is not screened.</summary>
    public required int CustomerVersion { get; set; }

    /// <summary>See <see cref="ListSet"/>.</summary>
    public required string ListsSha256 { get; set; }

    /// <summary>How many list entries reached the threshold.</summary>
    public required int Hits { get; set; }

    public required string Evidence { get; set; }

    public required DateTimeOffset ScreenedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ResultRow>(map =>
    {
        map.ToTable("screening_result");
        map.HasKey(row => row.CustomerId);
        map.HasOne<CustomerRow>().WithMany().HasForeignKey(row => row.CustomerId);
        map.Audited();
    });
}

/// <summary>
/// One row of <c>screening_run</c>: all customers were brought from one set of list versions to the next. Whoever was
/// screened before it began is as good as screened with <see cref="ListsSha256"/>.
/// </summary>
internal sealed class RunRow
{
    public const string Prefix = "run_";

    public required string Id { get; init; }

    /// <summary>The set before; null for the first.</summary>
    public string? FromSha256 { get; init; }

    /// <summary>See <see cref="ListSet"/>.</summary>
    public required string ListsSha256 { get; init; }

    /// <summary>The versions, as JSON: {"us_ofac_sdn":"lsv_…"}.</summary>
    public required string Lists { get; init; }

    /// <summary>Engine version and SHA-256 of the configuration.</summary>
    public required string Engine { get; init; }

    /// <summary>Entries that were new, said something else, or were gone.</summary>
    public required int Entries { get; init; }

    /// <summary>Customers in the index.</summary>
    public required int Customers { get; init; }

    /// <summary>Customers that were screened again in full.</summary>
    public required int Screened { get; init; }

    /// <summary>Hits that are new or open again.</summary>
    public required int Hits { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<RunRow>(map =>
    {
        map.ToTable("screening_run");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}
