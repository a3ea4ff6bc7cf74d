using Microsoft.AspNetCore.Antiforgery;

namespace Probity.Server.Ui;

/// <summary>
/// Pages post no forms: what they do is a request to the API, which asks for a proof of its own. So the framework's
/// token and its cookie are not made, and a page read without signing in leaves nothing in the browser.
/// </summary>
internal sealed class NoFormTokens : IAntiforgery
{
    private static readonly AntiforgeryTokenSet s_none = new(null, null, "none", null);

    public AntiforgeryTokenSet GetAndStoreTokens(HttpContext httpContext) => s_none;

    public AntiforgeryTokenSet GetTokens(HttpContext httpContext) => s_none;

    /// <summary>Nothing that asks for the framework's token is let through.</summary>
    public Task<bool> IsRequestValidAsync(HttpContext httpContext) => Task.FromResult(false);

    public void SetCookieTokenAndHeader(HttpContext httpContext)
    {
    }

    public Task ValidateRequestAsync(HttpContext httpContext) =>
        throw new AntiforgeryValidationException("Forms of pages are not taken in; use the API.");
}
