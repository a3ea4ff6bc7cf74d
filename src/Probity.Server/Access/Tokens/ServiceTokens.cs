using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access.Tokens;

/// <summary>
/// Bearer tokens of services: JWTs signed with HS256 under <c>AUDIT_SECRET_KEY</c>, by whoever shares that key. One
/// algorithm, one key, one issuer, one audience, one type; whatever a token says about where its key is to be found is
/// not looked at. Source: RFC 8725 (BCP 225), RFC 9068 section 4 for <c>typ</c>.
/// </summary>
internal sealed class ServiceTokens(ProbitySettings settings, TimeProvider clock)
{
    public const string Issuer = "probity";
    public const string Audience = "probity";
    public const string Type = "at+jwt";
    private const int MaxLength = 8 * 1024;
    private const int MaxSubject = 200;

    /// <summary>The longest a token may last: it cannot be taken back one by one.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);

    // The handler reads JWS alone: without a decryption key a JWE fails, so there is no decompression to abuse.
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxLength, MapInboundClaims = false };

    /// <summary>Whether a bearer value has the form of a JWT, and so is judged here alone.</summary>
    public static bool LooksLikeOne(ReadOnlySpan<char> bearer) => bearer.Count('.') is 2 or 4;

    public async Task<Authentication> AuthenticateAsync(string token)
    {
        if (token.Length > MaxLength)
        {
            return Refused(ErrorCodes.AccessUnauthenticated);
        }

        var result = await _handler.ValidateTokenAsync(token, Parameters());
        if (!result.IsValid)
        {
            return Refused(result.Exception is SecurityTokenExpiredException ? ErrorCodes.AccessTokenExpired : ErrorCodes.AccessUnauthenticated);
        }

        return result.SecurityToken is JsonWebToken jwt && IsSound(jwt) ? new Authentication(ToCaller(jwt), null) : Refused(ErrorCodes.AccessUnauthenticated);
    }

    private TokenValidationParameters Parameters() => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidTypes = [Type],
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        IssuerSigningKey = Key(),
        TryAllIssuerSigningKeys = false,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        RequireAudience = true,
        ValidateIssuerSigningKey = true,
        ValidateLifetime = true,
        ClockSkew = s_skew,

        // Whatever kid, jku, jwk, x5u or x5c say, this is the key.
        IssuerSigningKeyResolver = (_, _, _, _) => [Key()],
        LifetimeValidator = (notBefore, expires, _, _) =>
        {
            var now = clock.GetUtcNow().UtcDateTime;
            return expires is null || expires <= now - s_skew
                ? throw new SecurityTokenExpiredException("The token has expired.")
                : notBefore is null || notBefore <= now + s_skew;
        },
    };

    private static bool IsSound(JsonWebToken jwt)
    {
        // A header that names a key elsewhere, or extensions one must understand, is an attack or a misunderstanding.
        var isPlain = !((string[])["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"]).Any(name => jwt.TryGetHeaderValue<object>(name, out _));
        var starts = jwt.ValidFrom == DateTime.MinValue ? jwt.IssuedAt : jwt.ValidFrom;
        return isPlain && jwt.Subject is { Length: > 0 and <= MaxSubject } subject
            && subject.All(static c => c is > ' ' and <= '~')
            && starts != DateTime.MinValue && jwt.ValidTo - starts <= MaxLifetime;
    }

    private static Caller ToCaller(JsonWebToken jwt)
    {
        var scopes = jwt.TryGetPayloadValue<string>("scope", out var text) ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        return new Caller(
            CallerKind.Service, "svc:" + jwt.Subject, jwt.Subject, jwt.Subject,
            scopes.Where(s => Permission.IsKnown(s) && !Permission.Compartments.Contains(s)))
        {
            ExpiresAt = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero),
        };
    }

    private SymmetricSecurityKey Key() => new(
        (settings.SecretKey ?? throw new InvalidOperationException("A server has a secret key.")).Bytes.ToArray());

    private static Authentication Refused(ErrorCode code) => new(null, code);
}
