using Microsoft.AspNetCore.StaticAssets;

namespace Probity.Server.Hosting;

/// <summary>
/// Headers that keep a browser from doing more with an answer than it should. An endpoint that serves a page says so with
/// <see cref="PagePolicy"/>; everything else may load and frame nothing. Runs after routing; an endpoint may replace
/// <c>Cache-Control</c>.
/// </summary>
internal static class SecurityHeaders
{
    private const string NothingPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.GetEndpoint()?.Metadata.GetMetadata<PagePolicy>()?.Value ?? NothingPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        if (context.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
        {
            headers.CacheControl = "no-store"; // Files of the product say themselves how long they may be kept.
        }

        return next(context);
    });
}

/// <summary>The Content-Security-Policy of an endpoint that serves a page.</summary>
internal sealed record PagePolicy(string Value);
