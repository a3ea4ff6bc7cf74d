using Microsoft.AspNetCore.Http.Metadata;

namespace Probity.Server.Hosting;

/// <summary>Limits an endpoint sets for itself; without one, <see cref="DefaultBodyBytes"/> applies.</summary>
internal static class EndpointLimits
{
    public const long DefaultBodyBytes = 1024 * 1024;
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The largest body as it arrives, before decompression; null for no limit but the endpoint's own.</summary>
    public static T LimitsBody<T>(this T endpoint, long? bytes)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new BodyLimit(bytes));

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
