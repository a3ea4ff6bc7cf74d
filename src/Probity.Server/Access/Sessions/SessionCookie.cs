namespace Probity.Server.Access.Sessions;

/// <summary>
/// The session cookie. On HTTPS it is <c>__Host-probity</c>, which a browser takes from this host alone; without TLS, on a
/// loopback address, <c>probity</c>.
/// </summary>
internal static class SessionCookie
{
    private const string SecureName = "__Host-probity";
    private const string PlainName = "probity";

    /// <summary>The token the request carries; null when it carries none that looks like one.</summary>
    public static SessionToken? Read(HttpRequest request) =>
        SessionToken.TryParse(request.Cookies[Name(request)], out var token) ? token : null;

    public static void Write(HttpContext context, SessionToken token) =>
        context.Response.Cookies.Append(Name(context.Request), token.Reveal(), Options(context.Request));

    public static void Clear(HttpContext context) =>
        context.Response.Cookies.Delete(Name(context.Request), Options(context.Request));

    private static string Name(HttpRequest request) => request.IsHttps ? SecureName : PlainName;

    // A session cookie: it ends with the browser, and the server ends it before.
    private static CookieOptions Options(HttpRequest request) => new()
    {
        HttpOnly = true,
        Secure = request.IsHttps,
        SameSite = SameSiteMode.Strict,
        Path = "/",
        IsEssential = true,
    };
}
