using Microsoft.AspNetCore.StaticAssets;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting;

/// <summary>
/// Headers that keep a browser from doing more with an answer than it should. An endpoint that serves a page says so with
/// <see cref="PagePolicy"/>; everything else may load and frame nothing. Runs after routing; an endpoint may replace
/// <c>Cache-Control</c>.
/// </summary>
internal static class SecurityHeaders
{
    private const string StrictTransport = "max-age=31536000; includeSubDomains"; // A year.
    private const string NothingPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void UseSecurityHeaders(this WebApplication app)
    {
        // People come over https when the public address says so; the proxy that ends TLS sends plain http here.
        var isHttps = app.Services.GetRequiredService<ProbitySettings>().PublicUrl.Scheme == Uri.UriSchemeHttps;
        app.Use((context, next) =>
        {
            if (isHttps)
            {
                context.Request.Scheme = Uri.UriSchemeHttps; // Links and cookies are those of the public address.
                context.Response.Headers.StrictTransportSecurity = StrictTransport;
            }

            Add(context);
            return next(context);
        });
    }

    private static void Add(HttpContext context)
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
    }
}

/// <summary>The Content-Security-Policy of an endpoint that serves a page.</summary>
internal sealed record PagePolicy(string Value);
