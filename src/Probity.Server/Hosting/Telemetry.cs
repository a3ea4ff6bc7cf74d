using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Probity.Server.Access;

namespace Probity.Server.Hosting;

/// <summary>Figures in the format of Prometheus at <c>/metrics</c>.</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this IServiceCollection services) => services.AddOpenTelemetry()
        .ConfigureResource(r => r.AddService("probity", serviceVersion: ProductVersion.Current.Version))
        .WithMetrics(metrics => metrics
            .AddMeter("Probity.*")
            .AddAspNetCoreInstrumentation()
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter(o => o.ScopeInfoEnabled = false));

    public static void MapTelemetry(this IEndpointRouteBuilder root) => root.MapPrometheusScrapingEndpoint("/metrics")
        .Public("Figures only: no id, name or payload is ever a label")
        .RecordsNothing("A scrape every few seconds tells nothing");
}
