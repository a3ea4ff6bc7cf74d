using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Screening.Effectiveness;

/// <summary>
/// One row of <c>screening_test</c>: an engine was tested with names whose answer is known, on one set of list
/// versions and one configuration. Written when the test is complete; signed off once.
/// </summary>
internal sealed class TestRow
{
    public const string Prefix = "tst_";

    public required string Id { get; init; }

    /// <summary>What was tested, see <see cref="Continuous.ListSet"/>: one test each.</summary>
    public required string SetSha256 { get; init; }

    /// <summary>The versions, as JSON: {"us_ofac_sdn":"lsv_…"}.</summary>
    public required string Lists { get; init; }

    /// <summary>SHA-256 of the options of the engine.</summary>
    public required string Configuration { get; init; }

    public required int EngineVersion { get; init; }

    /// <summary>0 to 10,000.</summary>
    public required int Threshold { get; init; }

    /// <summary>The parts, as JSON; see <see cref="TestFigures"/>.</summary>
    public required string Parts { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>accepted or not_accepted; null until somebody signed.</summary>
    public string? Verdict { get; set; }

    public string? Statement { get; set; }

    public string? SignedBy { get; set; }

    public DateTimeOffset? SignedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<TestRow>(map =>
    {
        map.ToTable("screening_test");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>One row of <c>screening_test_part</c>: a part of a test that is not complete yet.</summary>
internal sealed class TestPartRow
{
    public required string SetSha256 { get; init; }

    /// <summary>The place of the part, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The part, as JSON.</summary>
    public required string Part { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<TestPartRow>(map =>
    {
        map.ToTable("screening_test_part");
        map.HasKey(row => new { row.SetSha256, row.Number });
        map.Operational("Parts of a test under way, so that a restart goes on; the complete test has its entry.");
    });
}
