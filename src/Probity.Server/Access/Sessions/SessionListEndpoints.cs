using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Users;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;

namespace Probity.Server.Access.Sessions;

/// <summary>The sessions that are open: one's own, and everyone's.</summary>
internal static class SessionListEndpoints
{
    private const string Tag = "sessions";
    private const string Staff = "When colleagues work is no personal data of customers";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/account/sessions", (HttpContext http, Lazy<IDatabase> database, TimeProvider time) =>
            ListAsync(http, database, time, http.RequireCaller().PersonId ?? ""))
            .RequiresPermission(Permission.UseOwnAccount).RecordsNothing(Staff)
            .WithName("listOwnSessions").WithSummary("List one's own open sessions").WithTags(Tag);
        api.MapDelete("/account/sessions/{id}", EndOwnAsync)
            .RequiresPermission(Permission.UseOwnAccount).Records(AccessEvents.SessionRevoked)
            .WithName("endOwnSession").WithSummary("End one of one's own sessions").WithTags(Tag);
        api.MapGet("/sessions", (HttpContext http, string? user_id, Lazy<IDatabase> database, TimeProvider time) =>
            ListAsync(http, database, time, user_id))
            .RequiresPermission(Permission.ManageSessions).RecordsNothing(Staff)
            .WithName("listSessions").WithSummary("List everyone's open sessions").WithTags(Tag);
        api.MapDelete("/sessions/{id}", EndAsync)
            .RequiresPermission(Permission.ManageSessions).Records(AccessEvents.SessionRevoked)
            .WithName("endSession").WithSummary("End a session, with its open streams").WithTags(Tag);
    }

    /// <summary>The open sessions of a person, or of everyone; the page of the account shows the same.</summary>
    internal static async Task<Ok<OpenSessionList>> ListAsync(HttpContext http, Lazy<IDatabase> database, TimeProvider time, string? userId)
    {
        await using var db = database.Value.CreateContext();
        var now = time.GetUtcNow();
        var idle = now - SessionLimits.Idle - SessionLimits.SeenStep;
        var rows = await db.Set<SessionRow>().AsNoTracking()
            .Where(s => s.RevokedAt == null && s.ExpiresAt > now && s.LastSeenAt > idle && (userId == null || s.UserId == userId))
            .Join(db.Set<UserRow>(), s => s.UserId, u => u.Id, (s, u) => new { s, u.Name }).ToListAsync(http.RequestAborted);
        var own = http.Caller()?.SessionId;
        return TypedResults.Ok(new OpenSessionList([.. rows.OrderByDescending(r => r.s.CreatedAt).Select(r => new OpenSession
        {
            Id = r.s.Id,
            UserId = r.s.UserId,
            Name = r.Name,
            Method = r.s.Method,
            Client = r.s.Client,
            CreatedAt = r.s.CreatedAt,
            LastSeenAt = r.s.LastSeenAt,
            ExpiresAt = r.s.ExpiresAt,
            Current = r.s.Id == own,
        })]));
    }

    private static async Task<NoContent> EndOwnAsync(string id, HttpContext http, Lazy<IDatabase> database, SessionDesk desk, TimeProvider time)
    {
        var caller = http.RequireCaller();
        await using var db = database.Value.CreateContext();
        return await db.Set<SessionRow>().AnyAsync(s => s.Id == id && s.UserId == caller.PersonId, http.RequestAborted)
            ? await EndAsync(id, http, desk, time)
            : throw new ProblemException(ErrorCodes.AccessSessionNotFound);
    }

    private static async Task<NoContent> EndAsync(string id, HttpContext http, SessionDesk desk, TimeProvider time) =>
        await desk.RevokeAsync(id, AccessEvents.SessionRevoked, AccessEntry.Of(http, http.RequireCaller(), time))
            ? TypedResults.NoContent()
            : throw new ProblemException(ErrorCodes.AccessSessionNotFound);
}
