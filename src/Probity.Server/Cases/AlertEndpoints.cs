using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Cases;

/// <summary>Alerts over the API: read only, whoever raised an alert takes the decision.</summary>
internal static class AlertEndpoints
{
    private const string Tag = "cases";
    private const string Codes = "Alerts name ids and codes; a queue that refreshes leaves no entry";

    public static void MapCases(this IEndpointRouteBuilder api)
    {
        api.MapGet("/alerts", ListAsync).RequiresPermission(Permission.ReadAlerts).RecordsNothing(Codes)
            .WithName("listAlerts")
            .WithSummary("Alerts, the newest first; by status, route, source, severity or subject").WithTags(Tag);
        api.MapGet("/alerts/{id}", GetAsync).RequiresPermission(Permission.ReadAlerts).RecordsNothing(Codes)
            .WithName("getAlert").WithSummary("Read one alert").WithTags(Tag);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, [AsParameters] AlertFilter filter, AlertRegister register) =>
        TypedResults.Ok(await register.ListAsync(
            filter, http.RequireCaller().ScopeOf(Permission.ReadAlerts), http.RequestAborted));

    private static async Task<IResult> GetAsync(string id, HttpContext http, AlertRegister register) =>
        TypedResults.Ok(AlertView.Of(await register.GetAsync(
            id, http.RequireCaller().ScopeOf(Permission.ReadAlerts), http.RequestAborted)));
}

/// <summary>Which alerts are wanted; null for any.</summary>
internal sealed class AlertFilter
{
    public string? Status { get; init; }

    public string? Route { get; init; }

    public string? Source { get; init; }

    public string? Severity { get; init; }

    /// <summary>The id of the subject, such as a customer's number.</summary>
    [Microsoft.AspNetCore.Mvc.FromQuery(Name = "subject_id")]
    public string? SubjectId { get; init; }

    /// <summary>1 to 200; null for 50.</summary>
    [Microsoft.AspNetCore.Mvc.FromQuery(Name = "page_size")]
    public int? PageSize { get; init; }

    /// <summary>What the page before ended with.</summary>
    [Microsoft.AspNetCore.Mvc.FromQuery(Name = "page_token")]
    public string? PageToken { get; init; }
}

/// <summary>Reads alerts.</summary>
internal sealed class AlertRegister(IDatabase database)
{
    public const int DefaultPage = 50;
    public const int MaxPage = 200;

    /// <exception cref="ProblemException">request.malformed.</exception>
    public async Task<AlertPage> ListAsync(
        AlertFilter filter, EntityScope scope, CancellationToken cancellationToken)
    {
        var size = filter.PageSize ?? DefaultPage;
        if (size is < 1 or > MaxPage)
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, $"page_size is 1 to {MaxPage}.");
        }

        await using var db = database.CreateContext();
        var rows = Within(db, scope)
            .Where(row => (filter.Status == null || row.Status == filter.Status)
                && (filter.Route == null || row.Route == filter.Route)
                && (filter.Source == null || row.Source == filter.Source)
                && (filter.Severity == null || row.Severity == filter.Severity)
                && (filter.SubjectId == null || row.SubjectId == filter.SubjectId));
        if (filter.PageToken is { } token)
        {
            rows = rows.Where(row => string.Compare(row.Id, token) < 0);
        }

        var found = await rows.OrderByDescending(row => row.Id).Take(size + 1).ToListAsync(cancellationToken);
        return new AlertPage(
            [.. found.Take(size).Select(AlertView.Of)], found.Count > size ? found[size - 1].Id : null);
    }

    /// <exception cref="ProblemException">cases.alert_not_found: there is none, or it is not the caller's to
    /// see.</exception>
    public async Task<AlertRow> GetAsync(string id, EntityScope scope, CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        return await Within(db, scope).SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.CasesAlertNotFound);
    }

    private static IQueryable<AlertRow> Within(ProbityDb db, EntityScope scope)
    {
        var codes = scope.Codes.ToList();
        var isAll = scope.IsAll;
        return db.Set<AlertRow>().AsNoTracking()
            .Where(row => isAll || (row.LegalEntity != null && codes.Contains(row.LegalEntity)));
    }
}

/// <summary>A page of alerts, the newest first.</summary>
/// <param name="Alerts">At most as many as asked for.</param>
/// <param name="NextPageToken">Null on the last page.</param>
internal sealed record AlertPage(IReadOnlyList<AlertView> Alerts, string? NextPageToken);

/// <summary>An alert as it is shown; see <see cref="AlertRow"/>.</summary>
internal sealed record AlertView
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Kind { get; init; }

    public required string SubjectType { get; init; }

    public required string SubjectId { get; init; }

    public string? LegalEntity { get; init; }

    public required string Severity { get; init; }

    public required string Route { get; init; }

    public required string Evidence { get; init; }

    public string? Reference { get; init; }

    public required int Count { get; init; }

    public required string Status { get; init; }

    public string? Decision { get; init; }

    public string? ReasonCode { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public required DateTimeOffset RaisedAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    public static AlertView Of(AlertRow row) => new()
    {
        Id = row.Id,
        Source = row.Source,
        Kind = row.Kind,
        SubjectType = row.SubjectType,
        SubjectId = row.SubjectId,
        LegalEntity = row.LegalEntity,
        Severity = row.Severity,
        Route = row.Route,
        Evidence = row.Evidence,
        Reference = row.Reference,
        Count = row.Count,
        Status = row.Status,
        Decision = row.Decision,
        ReasonCode = row.ReasonCode,
        DecidedBy = row.DecidedBy,
        DecidedAt = row.DecidedAt,
        RaisedAt = row.RaisedAt,
        LastAt = row.LastAt,
    };
}
