using System.Net;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.OpenId;

/// <summary>Signing in at the OpenID provider: browsers are sent there, and come back.</summary>
internal static class OpenIdEndpoints
{
    private const string Tag = "session";
    private const string Begins = "Whoever signs in has no session yet";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/session/oidc", BeginAsync).Public(Begins)
            .RecordsNothing("It changes nothing here; coming back is recorded")
            .WithName("beginOidc")
                .WithSummary("Go to the OpenID provider to sign in, or with step_up to prove oneself again")
                .WithTags(Tag);
        api.MapGet("/session/oidc/callback", EndAsync).Public(Begins).Records(AccessEvents.SignedIn)
            .WithName("endOidc").WithSummary("Where the OpenID provider sends the browser back to").WithTags(Tag);
        api.MapGet("/session/oidc/sign-out", SignOutAsync).Public("It ends nothing here")
            .RecordsNothing("Signing out here is a request of its own; this goes to the provider")
            .WithName("oidcSignOut").WithSummary("Go to the OpenID provider to sign out there too").WithTags(Tag);
    }

    private static async Task<RedirectHttpResult> BeginAsync(
        HttpContext http, OpenIdDesk desk, string? @return = null, bool step_up = false)
    {
        var session = step_up ? http.Caller()?.SessionId ?? throw new ProblemException(ErrorCodes.AccessUnauthenticated)
            : null;
        var (url, kept) = await desk.BeginAsync(@return, session, http.RequestAborted);
        OpenIdCookie.Write(http, kept);
        return TypedResults.Redirect(url);
    }

    private static async Task<IResult> EndAsync(
        HttpContext http, OpenIdDesk desk, string? code = null, string? state = null, string? iss = null,
            string? error = null)
    {
        var kept = OpenIdCookie.Read(http.Request);
        OpenIdCookie.Clear(http);
        try
        {
            var (token, then) = await desk.EndAsync(new OpenIdAnswer(code, state, iss, error), kept, http);
            if (token is not null)
            {
                SessionCookie.Write(http, token);
            }

            return Onward(then);
        }
        catch (ProblemException refused) when (
            refused.Code == ErrorCodes.AccessOidcRefused || refused.Code == ErrorCodes.AccessOidcUnavailable)
        {
            return TypedResults.Redirect("/sign-in?refused=" + refused.Code.Code);
        }
    }

    private static async Task<RedirectHttpResult> SignOutAsync(OpenIdClient client,
        CancellationToken cancellationToken) =>
        TypedResults.Redirect(await client.SignOutUrlAsync(cancellationToken) ?? "/sign-in");

    /// <summary>
    /// A page that goes on by itself. A redirect would still belong to the provider's navigation, and the browser would
    /// withhold the new cookie, which is SameSite=Strict.
    /// </summary>
    private static ContentHttpResult Onward(string path)
    {
        var target = WebUtility.HtmlEncode(path);
        return TypedResults.Content(
            $"""
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Signed in</title>
            <meta http-equiv="refresh" content="0;url={target}"></head>
            <body><p><a href="{target}">Go on</a></p></body></html>
            """,
            MediaTypeNames.Text.Html);
    }
}

/// <summary>
/// What the browser keeps between going to the provider and coming back: sealed, for five minutes. SameSite=Lax,
/// because
/// it must come along when the provider sends the browser back.
/// </summary>
internal static class OpenIdCookie
{
    private const string SecureName = "__Host-probity-oidc";
    private const string PlainName = "probity-oidc";

    public static string? Read(HttpRequest request) => request.Cookies[Name(request)];

    public static void Write(HttpContext context, string kept) =>
        context.Response.Cookies.Append(Name(context.Request), kept, Options(context.Request));

    public static void Clear(HttpContext context) =>
        context.Response.Cookies.Delete(Name(context.Request), Options(context.Request));

    private static string Name(HttpRequest request) => request.IsHttps ? SecureName : PlainName;

    private static CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        Secure = request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
    };
}
