using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Probity.Contracts.Problems;
using Probity.Server.Access;
using Probity.Server.Access.Scim;
using Probity.Server.Hosting.Documentation;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Ui;

namespace Probity.Server.Hosting;

/// <summary>Puts the server together: what surrounds the modules, then the modules.</summary>
internal static class ProbityHost
{
    /// <summary>Builds the server without starting it.</summary>
    /// <exception cref="UndeclaredEndpointException">An endpoint does not say who may call it or what it records.</exception>
    public static WebApplication Build(ProbitySettings settings, ServerModules modules)
    {
        // The slim builder reads no appsettings.json, and an explicit environment keeps ASPNETCORE_* out of it too:
        // one setting is declared in one place.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Production,
            ApplicationName = "probity", // Names the list of static files, whoever started the process.
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(
        [
            // From a build folder the files of pages would be watched for changes, through an endpoint of its own.
            new("ReloadStaticAssetsAtRuntime", "false"),
        ]);
        builder.WebHost.ConfigureKestrel(Limit);
        builder.WebHost.UseStaticWebAssets(); // From a build folder the files of packages are where the package is.
        builder.WebHost.UseUrls([.. settings.Urls.Select(u => u.GetLeftPart(UriPartial.Authority))]);
        AddLogging(builder.Logging, settings);
        AddServices(builder.Services, settings);
        modules.Add(builder.Services, settings);

        var app = builder.Build();
        app.UseClientAddresses(settings.TrustedProxies);
        app.UseMiddleware<ProblemMiddleware>();
        app.UseHeadRouting();
        app.UseSecurityHeaders();
        app.UseMiddleware<AccessMiddleware>();
        app.UseRequestTimeouts();
        Map(app, modules);
        RefuseUndeclared(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, ProbitySettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<StartupState>();
        services.AddSingleton<ReadinessProbe>();
        services.AddAccess();
        services.AddTelemetry();
        services.AddApiDescription();
        services.AddUi();
        services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = EndpointLimits.DefaultTimeout,
            TimeoutStatusCode = ErrorCodes.ServerTimeout.Status,
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            var json = options.SerializerOptions;
            json.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // Answers are JSON, never part of a page.
            json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.AllowDuplicateProperties = false;
            json.RespectNullableAnnotations = true;
            json.NumberHandling = JsonNumberHandling.Strict;
            json.PropertyNameCaseInsensitive = false;
        });
    }

    private static void Map(WebApplication app, ServerModules modules)
    {
        HealthEndpoints.Map(app);
        DocumentationEndpoints.Map(app);
        app.MapTelemetry();
        app.MapUi();
        var api = app.MapGroup("/api/v1");
        api.MapAccess();
        ScimEndpoints.Map(app);
        modules.Map(app, api);
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = EndpointLimits.DefaultBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        kestrel.Limits.MaxConcurrentConnections = 10_000;
    }

    private static void AddLogging(ILoggingBuilder logging, ProbitySettings settings)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);

        // The runner tells a failed start itself, in words; the host would add a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (settings.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(o => (o.UseUtcTimestamp, o.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.ffffffZ"));
        }
        else
        {
            logging.AddSimpleConsole(o => (o.SingleLine, o.UseUtcTimestamp, o.TimestampFormat) = (true, true, "yyyy-MM-ddTHH:mm:ssZ "));
        }

        // Standard output is for answers of the command line; logs are diagnostics.
        logging.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void RefuseUndeclared(IEndpointRouteBuilder app)
    {
        var faults = EndpointDeclarations.Faults(app.DataSources.SelectMany(s => s.Endpoints));
        if (faults.Count > 0)
        {
            throw new UndeclaredEndpointException(faults);
        }
    }
}
