using System.Text.Json;
using System.Text.Json.Nodes;
using Probity.Contracts.Access;
using Probity.Monitoring.Rating;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Api;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Ratings;

/// <summary>Scorecards and ratings over the API.</summary>
internal static class RatingEndpoints
{
    private const string Tag = "customers";
    private const int MaxBodyBytes = 16 * 1024;
    private const string Own = "Scorecards of the institution: no data of customers";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/customers/scorecards", ListAsync)
            .RequiresPermission(Permission.ReadCustomers).RecordsNothing(Own)
            .WithName("listScorecards").WithSummary("Scorecards, the newest first, and which one rates").WithTags(Tag);
        api.MapGet("/customers/scorecards/{id}", FindAsync)
            .RequiresPermission(Permission.ReadCustomers).RecordsNothing(Own)
            .WithName("getScorecard")
            .WithSummary("A scorecard with its document; `shipped` is the one to draft from").WithTags(Tag);
        api.MapGet("/customers/scorecards/{id}:compare", CompareAsync)
            .RequiresPermission(Permission.ReadCustomers).RecordsNothing(Own)
            .WithName("compareScorecards").WithSummary("What a scorecard says otherwise than `with`").WithTags(Tag);
        api.MapPost("/customers/scorecards:validate", ValidateAsync)
            .RequiresPermission(Permission.ReadCustomers).RecordsNothing("Reads what is sent and keeps nothing")
            .LimitsBody(ScorecardReader.MostBytes).WithName("validateScorecard")
            .WithSummary("Read a scorecard and say every fault of it, with place and fix").WithTags(Tag);
        api.MapPost("/customers/scorecards", DraftAsync)
            .RequiresPermission(Permission.ManageScorecards).Records(CustomerEvents.ScorecardDrafted)
            .LimitsBody(ScorecardReader.MostBytes).WithName("draftScorecard")
            .WithSummary("Store a draft, the body or with `from` a copy of a stored one; nothing changes yet")
            .WithTags(Tag);
        api.MapPost("/customers/scorecards/{id}:try", TryAsync)
            .RequiresPermission(Permission.ManageScorecards).Records(CustomerEvents.ScorecardTried)
            .DisableRequestTimeout().WithName("tryScorecard")
            .WithSummary("Rate customers by a scorecard beside their ratings in force; nothing changes").WithTags(Tag);
        api.MapPost("/customers/scorecards/{id}:activate", ActivateAsync)
            .RequiresPermission(Permission.ManageScorecards).Records(CustomerEvents.ScorecardActivated)
            .LimitsBody(MaxBodyBytes).WithName("activateScorecard")
            .WithSummary("Ask for a scorecard to come into force, now or from a time, or a second person agrees (202)")
            .WithRequestExample("""{"reason":"risk assessment 2026","active_from":"2027-01-01T00:00:00Z"}""")
            .WithTags(Tag);
        api.MapGet("/customers/{id}/rating", CurrentAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("getRating").WithSummary("The rating in force: facts, contributions, floors, override")
            .WithTags(Tag);
        api.MapGet("/customers/{id}/ratings", HistoryAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.Read)
            .WithName("listRatings").WithSummary("The ratings of a customer, the newest first").WithTags(Tag);
        api.MapPost("/customers/{id}/rating:override", OverrideAsync)
            .RequiresPermission(Permission.ManageDiligence).Records(Access.Approvals.ApprovalEvents.Requested)
            .LimitsBody(MaxBodyBytes).WithName("overrideRating")
            .WithSummary("Ask a second person to set a rating by hand until a day")
            .WithRequestExample(
                """{"rating":"high","expires_on":"2027-03-31","reason":"pending inquiry, case 77"}""")
            .WithTags(Tag);
        api.MapPost("/customers/ratings:replay", ReplayAsync)
            .RequiresPermission(Permission.ReadCustomers).Records(CustomerEvents.RatingsReplayed)
            .DisableRequestTimeout().WithName("replayRatings")
            .WithSummary("Compute stored ratings again and compare them byte for byte").WithTags(Tag);
    }

    private static async Task<IResult> ListAsync(ScorecardDesk desk, CancellationToken cancellationToken)
    {
        var (rows, inForce) = await desk.AllAsync(cancellationToken);
        return TypedResults.Ok(new ScorecardList([.. rows.Select(row => ScorecardView.Of(row, inForce))]));
    }

    private static async Task<IResult> FindAsync(string id, ScorecardDesk desk, CancellationToken cancellationToken)
    {
        var (row, document) = await desk.FindAsync(id, cancellationToken);
        return TypedResults.Ok(new ScorecardDetail(row is null ? null : ScorecardView.Of(row, null), document));
    }

    private static async Task<IResult> CompareAsync(
        string id, string? with, ScorecardDesk desk, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ScorecardComparison(
            await desk.CompareAsync(with ?? ScorecardDesk.Shipped, id, cancellationToken)));

    private static async Task<IResult> ValidateAsync(HttpContext http, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, ScorecardReader.MostBytes, "request.body_too_large", cancellationToken);
        var faults = ScorecardDesk.Check(body.Memory);
        return TypedResults.Ok(new ScorecardCheck(
            faults.Count == 0,
            [.. faults.Select(fault => new ScorecardFault(fault.Place, fault.Code, fault.Message, fault.Fix))]));
    }

    private static async Task<IResult> DraftAsync(
        HttpContext http, string? from, string? note, ScorecardDesk desk, TimeProvider time)
    {
        var entry = AccessEntry.Of(http, http.RequireCaller(), time);
        var row = from is null
            ? await DraftBodyAsync(http, note, desk, entry)
            : await desk.DraftAsync(
                JsonSerializer.SerializeToUtf8Bytes((await desk.FindAsync(from, http.RequestAborted)).Document),
                note ?? "", entry, http.RequestAborted);
        return TypedResults.Created("/api/v1/customers/scorecards/" + row.Id, ScorecardView.Of(row, null));
    }

    private static async Task<ScorecardRow> DraftBodyAsync(
        HttpContext http, string? note, ScorecardDesk desk, AccessEntry entry)
    {
        using var body = await RequestBody.ReadAsync(
            http.Request, ScorecardReader.MostBytes, "request.body_too_large", http.RequestAborted);
        return await desk.DraftAsync(body.Memory.ToArray(), note ?? "", entry, http.RequestAborted);
    }

    private static async Task<IResult> TryAsync(string id, HttpContext http, ScorecardDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var trial = await desk.TryAsync(
            id, caller.ScopeOf(Permission.ManageScorecards), AccessEntry.Of(http, caller, time),
            http.RequestAborted);
        return TypedResults.Ok(new ScorecardTrialView(
            trial.Customers, trial.Before, trial.After, trial.Moved, trial.Named));
    }

    private static async Task<IResult> ActivateAsync(
        string id, ActivateScorecard asked, HttpContext http, ScorecardDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var waiting = await desk.ActivateAsync(
            id, asked.ActiveFrom, asked.Reason, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return waiting is null
            ? TypedResults.Ok(ScorecardView.Of((await desk.FindAsync(id, http.RequestAborted)).Row!, null))
            : TypedResults.Accepted("/api/v1/approvals/" + waiting, new ApprovalRef(waiting));
    }

    private static Task<IResult> CurrentAsync(
        string id, HttpContext http, CustomerRegister register, RatingArchive archive, ReadRecorder reads) =>
        CustomerReads.AnswerAsync(http, id, register, reads, async (row, _) =>
        {
            var (rating, record) = await archive.CurrentAsync(row, http.RequestAborted);
            return new RatingDetail(RatingView.Of(rating), record);
        });

    private static Task<IResult> HistoryAsync(
        string id, HttpContext http, CustomerRegister register, RatingArchive archive, ReadRecorder reads) =>
        CustomerReads.AnswerAsync(http, id, register, reads, async (row, _) => new RatingList(
            [.. (await archive.HistoryAsync(row.Id, http.RequestAborted)).Select(RatingView.Of)]));

    private static async Task<IResult> OverrideAsync(
        string id, AskOverride asked, HttpContext http, OverrideDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        var approval = await desk.AskAsync(
            id, asked, caller, AccessEntry.Of(http, caller, time), http.RequestAborted);
        return TypedResults.Accepted("/api/v1/approvals/" + approval.Id, new ApprovalRef(approval.Id));
    }

    private static async Task<IResult> ReplayAsync(
        HttpContext http, RatingArchive archive, IDatabase database, Lazy<ILedgerWriter> ledger, TimeProvider time)
    {
        var report = await archive.ReplayAsync(null, http.RequestAborted);
        await using var work = new UnitOfWork(database, ledger.Value);
        work.Record(AccessEntry.Of(http, http.RequireCaller(), time).Draft(
            CustomerEvents.RatingsReplayed, "customers.ratings.replay", "sensitive_read", null,
            ("ratings", report.Ratings), ("identical", report.Identical), ("different", report.Differences)));
        await work.CommitAsync(http.RequestAborted);
        return TypedResults.Ok(report);
    }
}

/// <summary>Scorecards.</summary>
internal sealed record ScorecardList(IReadOnlyList<ScorecardView> Scorecards);

/// <summary>A scorecard.</summary>
/// <param name="State">draft or approved.</param>
/// <param name="ActiveFrom">From when it rates; null for a draft.</param>
/// <param name="IsInForce">Whether it rates now.</param>
/// <param name="BaseId">What was agreed to last when it was drafted; it comes into force only after that one. Null for
/// none.</param>
internal sealed record ScorecardView(
    string Id, string Name, string Sha256, string Note, string State, DateTimeOffset? ActiveFrom, bool IsInForce,
    string? BaseId, string MadeBy, DateTimeOffset MadeAt)
{
    public static ScorecardView Of(ScorecardRow row, string? inForce) => new(
        row.Id, row.Name, row.Sha256, row.Note, row.State, row.ActiveFrom, row.Id == inForce, row.BaseId,
        row.MadeBy, row.MadeAt);
}

/// <summary>A scorecard with its document.</summary>
/// <param name="Scorecard">Null for the one that ships.</param>
/// <param name="Document">The document.</param>
internal sealed record ScorecardDetail(ScorecardView? Scorecard, JsonNode Document);

/// <summary>What two scorecards say otherwise.</summary>
internal sealed record ScorecardComparison(IReadOnlyList<ScorecardChange> Changes);

/// <summary>What reading a scorecard came to.</summary>
internal sealed record ScorecardCheck(bool IsSound, IReadOnlyList<ScorecardFault> Faults);

/// <summary>A fault of a scorecard.</summary>
internal sealed record ScorecardFault(string Pointer, string Code, string Message, string Fix);

/// <summary>What a scorecard would do.</summary>
/// <param name="Before">How many customers have each rating in force.</param>
/// <param name="After">How many would have each.</param>
/// <param name="Moved">How many would move.</param>
/// <param name="Named">The first fifty of them.</param>
internal sealed record ScorecardTrialView(
    int Customers, IReadOnlyDictionary<string, int> Before, IReadOnlyDictionary<string, int> After, int Moved,
    IReadOnlyList<MovedCustomer> Named);

/// <summary>Asks for a scorecard to come into force.</summary>
/// <param name="Reason">Why.</param>
/// <param name="ActiveFrom">From when; null for at once.</param>
internal sealed record ActivateScorecard(string Reason, DateTimeOffset? ActiveFrom);

/// <summary>Ratings.</summary>
internal sealed record RatingList(IReadOnlyList<RatingView> Ratings);

/// <summary>A rating.</summary>
/// <param name="Score">0.00 to 100.00.</param>
/// <param name="Computed">What score and floors came to.</param>
/// <param name="Rating">The rating in force.</param>
/// <param name="Cause">Why it was computed.</param>
internal sealed record RatingView(
    string Id, int Number, string Score, string Computed, string Rating, string? OverrideId, string Cause,
    string ScorecardId, int CustomerVersion, DateTimeOffset RatedAt)
{
    public static RatingView Of(RatingRow row) => new(
        row.Id, row.Number, RatingRecord.Score(row.Score), row.Computed, row.Rating, row.OverrideId, row.Cause,
        row.ScorecardId, row.CustomerVersion, row.RatedAt);
}

/// <summary>A rating with its record.</summary>
/// <param name="Record">Facts, contributions, floors, override; null when the customer was erased.</param>
internal sealed record RatingDetail(RatingView Rating, JsonElement? Record);
