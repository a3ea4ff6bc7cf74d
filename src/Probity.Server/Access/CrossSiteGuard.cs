using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Probity.Server.Access.Sessions;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access;

/// <summary>
/// Refuses what another site makes a browser send. A cookie comes along by itself, so a request that changes something
/// under a cookie must come from our own pages (Fetch Metadata, or Origin) and carry a proof only they can read.
/// </summary>
internal sealed class CrossSiteGuard(ProbitySettings settings)
{
    /// <summary>The header of the proof; pages send it as the form field <c>__csrf</c> or through ASP.NET's antiforgery.</summary>
    public const string Header = "X-Probity-Csrf";

    private readonly string _publicOrigin = settings.PublicUrl.GetLeftPart(UriPartial.Authority);

    /// <summary>Whether a request under a cookie may go on.</summary>
    public bool Passes(HttpContext context, SessionToken token)
    {
        var request = context.Request;
        if (IsWebSocket(request))
        {
            return IsSameOrigin(request);
        }

        if (IsSafe(request.Method))
        {
            return true;
        }

        return IsSameOrigin(request) && (IsProvenElsewhere(context) || IsProof(request.Headers[Header].ToString(), token));
    }

    /// <summary>
    /// Whether a request that brings no cookie, but gets one, may go on: not when a browser says that another site sent it.
    /// </summary>
    public bool PassesSignIn(HttpRequest request) =>
        !request.Headers.ContainsKey("Sec-Fetch-Site") && request.Headers.Origin.Count == 0 || IsSameOrigin(request);

    private bool IsSameOrigin(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        if (site.Length > 0 && site is not "same-origin")
        {
            return false;
        }

        return origin.Length > 0 ? IsOurs(origin, request) : site.Length > 0;
    }

    // Behind a proxy the public address is what the browser sees; on this machine the operator may come past the proxy.
    private bool IsOurs(string origin, HttpRequest request) =>
        string.Equals(origin, _publicOrigin, StringComparison.OrdinalIgnoreCase)
        || string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || (request.Host.Host is "127.0.0.1" or "localhost" or "[::1]"
            && string.Equals(origin, $"http://{request.Host}", StringComparison.OrdinalIgnoreCase));

    // Forms of pages carry the framework's own token, which its middleware checks; a circuit has no place for one.
    private static bool IsProvenElsewhere(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: true }
        || context.GetEndpoint()?.Metadata.GetMetadata<ProvenByOrigin>() is not null;

    private static bool IsProof(string proof, SessionToken token) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(proof), Encoding.UTF8.GetBytes(token.ForgeryProof));

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    private static bool IsWebSocket(HttpRequest request) =>
        request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase)
        || HttpMethods.IsConnect(request.Method);
}

/// <summary>An endpoint without room for a proof: coming from our own origin is enough, for the reason given.</summary>
internal sealed record ProvenByOrigin(string Reason);
