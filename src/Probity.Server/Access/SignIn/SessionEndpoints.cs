using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Access;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.SignIn;

/// <summary>Signing in, out, and who one is.</summary>
internal static class SessionEndpoints
{
    public const int MaxBodyBytes = 8 * 1024;
    private const string Tag = "session";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/session", SignInAsync)
            .Public("Whoever signs in has no session yet").Records(AccessEvents.SignedIn).LimitsBody(MaxBodyBytes)
            .WithMetadata(new ProvenByOrigin("It makes a session and uses none"))
            .WithName("signIn").WithSummary("Sign in; the answer sets the session cookie")
            .WithRequestExample("""{"login":"ana","password":"four unrelated plain words"}""").WithTags(Tag);
        api.MapGet("/session", WhoAsync)
            .RequiresPermission(Permission.UseOwnAccount).RecordsNothing("It says what the caller knows: itself")
            .WithName("getSession").WithSummary("Who the caller is, and what it may do").WithTags(Tag);
        api.MapDelete("/session", SignOutAsync)
            .RequiresPermission(Permission.UseOwnAccount).Records(AccessEvents.SignedOut)
            .WithName("signOut").WithSummary("End this session").WithTags(Tag);
    }

    /// <summary>The view of a caller, with the proof against forged requests when there is a session.</summary>
    public static SessionView View(Caller caller, SessionToken? token) => new()
    {
        Id = caller.SessionId,
        Kind = caller.Kind switch { CallerKind.Person => "person", CallerKind.ApiKey => "api_key", _ => "service" },
        CallerId = caller.Id,
        Name = caller.Name,
        Roles = caller.Roles,
        Permissions = [.. caller.Permissions.Order(StringComparer.Ordinal)],
        Entities = caller.Scope.IsAll ? null : [.. caller.Scope.Codes.Order(StringComparer.Ordinal)],
        StrongAt = caller.StrongAt,
        ExpiresAt = caller.ExpiresAt,
        CsrfToken = caller.SessionId is null ? null : token?.ForgeryProof,
    };

    private static async Task<Ok<SessionView>> SignInAsync(
        Contracts.Access.SignIn request, HttpContext http, SignInDesk desk, SessionReader sessions, CrossSiteGuard guard)
    {
        if (!guard.PassesSignIn(http.Request))
        {
            throw new ProblemException(ErrorCodes.AccessCrossSite);
        }

        var token = await desk.SignInAsync(request, http);
        return await AnswerAsync(http, token, sessions);
    }

    /// <summary>Sets the cookie of a new session and says who is signed in.</summary>
    public static async Task<Ok<SessionView>> AnswerAsync(HttpContext http, SessionToken token, SessionReader sessions)
    {
        SessionCookie.Write(http, token);
        var outcome = await sessions.AuthenticateAsync(token, CancellationToken.None);
        return TypedResults.Ok(View(outcome.Caller ?? throw new ProblemException(ErrorCodes.AccessSessionEnded), token));
    }

    private static Ok<SessionView> WhoAsync(HttpContext http) =>
        TypedResults.Ok(View(http.RequireCaller(), SessionCookie.Read(http.Request)));

    private static async Task<NoContent> SignOutAsync(HttpContext http, SessionDesk sessions, TimeProvider time)
    {
        var caller = http.RequireCaller();
        if (caller.SessionId is not { } id)
        {
            throw new ProblemException(ErrorCodes.AccessSessionEnded, "The caller carries a key; it has no session to end.");
        }

        await sessions.RevokeAsync(id, AccessEvents.SignedOut, AccessEntry.Of(http, caller, time));
        SessionCookie.Clear(http);
        return TypedResults.NoContent();
    }
}
