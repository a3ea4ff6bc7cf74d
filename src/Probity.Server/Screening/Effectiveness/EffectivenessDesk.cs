using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Screening.Effectiveness;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Matching;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Screening.Effectiveness;

/// <summary>A test as it is listed.</summary>
internal sealed record TestView
{
    public required string Id { get; init; }

    /// <summary>Versions by list.</summary>
    public required IReadOnlyDictionary<string, string> Lists { get; init; }

    /// <summary>SHA-256 of the options of the engine.</summary>
    public required string Configuration { get; init; }

    public required int EngineVersion { get; init; }

    /// <summary>0 to 1.</summary>
    public required decimal Threshold { get; init; }

    /// <summary>exact, mutation, other_script, placebo.</summary>
    public required IReadOnlyList<TestSum> Sums { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Whether it tested what serves now.</summary>
    public required bool IsCurrent { get; init; }

    /// <summary>accepted, not_accepted, or null until somebody signed.</summary>
    public string? Verdict { get; init; }

    public string? Statement { get; init; }

    public string? SignedBy { get; init; }

    public DateTimeOffset? SignedAt { get; init; }

    public static TestView Of(TestRow row, string? current) => new()
    {
        Id = row.Id,
        Lists = ListSet.Read(row.Lists),
        Configuration = row.Configuration,
        EngineVersion = row.EngineVersion,
        Threshold = row.Threshold / 10_000m,
        Sums = TestFigures.Sums(TestFigures.Read(row.Parts), row.Threshold),
        FinishedAt = row.FinishedAt,
        IsCurrent = row.SetSha256 == current,
        Verdict = row.Verdict,
        Statement = row.Statement,
        SignedBy = row.SignedBy,
        SignedAt = row.SignedAt,
    };
}

/// <summary>Tests, the newest first.</summary>
/// <param name="Tests">The trend.</param>
/// <param name="PartsDone">Parts done of the test that is under way for what serves now; null when it is tested or no
/// list is live.</param>
internal sealed record TestPage(IReadOnlyList<TestView> Tests, int? PartsDone);

/// <summary>A test with every part and the curve of each.</summary>
/// <param name="Test">The test.</param>
/// <param name="Thresholds">What the counts of a part are at, 0 to 1.</param>
/// <param name="Parts">The parts.</param>
internal sealed record TestDetail(TestView Test, IReadOnlyList<decimal> Thresholds, IReadOnlyList<TestPart> Parts);

/// <summary>What <c>POST /api/v1/screening/tests/{id}:sign</c> takes.</summary>
internal sealed record SignTest
{
    /// <summary>accepted or not_accepted.</summary>
    public required string Verdict { get; init; }

    /// <summary>What the one who signs has looked at and concluded, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>Reads tests and signs them off.</summary>
internal sealed class EffectivenessDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, LiveEngine live, TimeProvider time)
{
    /// <summary>So many tests are listed.</summary>
    private const int Most = 50;

    /// <summary>The tests.</summary>
    public async Task<TestPage> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<TestRow>().AsNoTracking().OrderByDescending(row => row.Id).Take(Most)
            .ToListAsync(cancellationToken);
        var current = Current();
        int? done = current is null || rows.Any(row => row.SetSha256 == current) ? null
            : await db.Set<TestPartRow>().CountAsync(part => part.SetSha256 == current, cancellationToken);
        return new TestPage([.. rows.Select(row => TestView.Of(row, current))], done);
    }

    /// <summary>A test with its parts.</summary>
    /// <exception cref="ProblemException">screening.test_not_found.</exception>
    public async Task<TestDetail> GetAsync(string id, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var row = await db.Set<TestRow>().AsNoTracking().SingleOrDefaultAsync(test => test.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.ScreeningTestNotFound);
        return new TestDetail(
            TestView.Of(row, Current()), [.. EffectivenessPart.Thresholds.Select(step => step / 10_000m)],
            TestFigures.Read(row.Parts));
    }

    /// <summary>Signs a test off, or refuses to: once, by a person.</summary>
    /// <exception cref="ProblemException">screening.test_not_found, screening.test_signed,
    /// request.bad_field.</exception>
    public async Task<TestView> SignAsync(
        string id, SignTest asked, Caller caller, AccessEntry entry, CancellationToken cancellationToken)
    {
        var why = ApprovalDesk.CheckReason(asked.Reason);
        if (asked.Verdict is not ("accepted" or "not_accepted"))
        {
            throw Bad("/verdict", "Use accepted or not_accepted.");
        }

        if (caller.PersonId is null)
        {
            throw new ProblemException(ErrorCodes.AccessApproverNotAPerson);
        }

        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await work.Db.Set<TestRow>().SingleOrDefaultAsync(test => test.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.ScreeningTestNotFound);
        if (row.Verdict is not null)
        {
            throw new ProblemException(ErrorCodes.ScreeningTestSigned);
        }

        (row.Verdict, row.Statement) = (asked.Verdict, why);
        (row.SignedBy, row.SignedAt) = (entry.Actor.Id, time.GetUtcNow());
        work.Record(
            (entry with { Reason = new EntryReason { Text = why } }).Draft(
                EffectivenessEvents.Signed, "screening.test.sign", "system_configuration_changed",
                new EntryTarget("screening_test", row.Id), ("verdict", asked.Verdict),
                ("sums", TestFigures.Sums(TestFigures.Read(row.Parts), row.Threshold))),
            row);
        try
        {
            await work.CommitAsync(cancellationToken);
        }
        catch (StorageException changed) when (changed.Code == "storage.row_changed")
        {
            throw new ProblemException(ErrorCodes.ScreeningTestSigned);
        }

        return TestView.Of(row, Current());
    }

    private string? Current() => live.Current is { } snapshot ? ListSet.Of(snapshot).Sha256 : null;

    private static ProblemException Bad(string pointer, string text) => new(ErrorCodes.RequestBadField)
    {
        Faults = [new(pointer, ErrorCodes.RequestBadField.Code, text)],
    };
}
