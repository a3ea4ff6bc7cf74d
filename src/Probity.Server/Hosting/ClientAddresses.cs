using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Probity.Server.Hosting;

/// <summary>
/// Who called, when proxies stand between: entries, findings and the sign-in throttle go by this address. Only headers
/// of named proxies count, read from the last proxy backwards to the first address that is none of them, so that what a
/// caller writes into the header himself is never believed.
/// </summary>
internal static class ClientAddresses
{
    /// <summary>Reads X-Forwarded-For of these proxies; with none the address of the connection stays.</summary>
    public static void UseClientAddresses(this IApplicationBuilder app, IReadOnlyList<IPNetwork> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null, // A chain of proxies may be long, but each has to be named.
        };
        options.KnownProxies.Clear(); // By default anything on this machine is believed.
        options.KnownIPNetworks.Clear();
        foreach (var network in proxies)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }
}
