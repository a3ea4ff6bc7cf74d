using Probity.Contracts.Problems;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Tokens;

namespace Probity.Server.Access;

/// <summary>
/// Reads who makes a request: from the <c>Authorization</c> header, else from the session cookie. A request that brings a
/// header is judged by it alone.
/// </summary>
internal sealed class RequestCredentials(
    ApiKeyAuthenticator keys, ServiceTokens tokens, SessionReader sessions, CrossSiteGuard guard)
{
    private const string Scheme = "Bearer ";

    public async ValueTask<Authentication> ReadAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length > 0)
        {
            return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && ServiceTokens.LooksLikeOne(header)
                ? await tokens.AuthenticateAsync(header[Scheme.Length..].Trim())
                : await keys.AuthenticateAsync(header, context.RequestAborted);
        }

        if (SessionCookie.Read(context.Request) is not { } token)
        {
            return new Authentication(null, ErrorCodes.AccessUnauthenticated);
        }

        var outcome = await sessions.AuthenticateAsync(token, context.RequestAborted);
        return outcome.Caller is null || guard.Passes(context, token)
            ? outcome
            : new Authentication(null, ErrorCodes.AccessCrossSite);
    }
}
