using System.Net;
using Probity.Server.Access.Approvals;
using Probity.Server.Customers;
using Probity.Server.Hosting.Settings;
using Probity.Server.Screening.Configuration;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Effectiveness;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Lists;
using Probity.Server.Screening.Matching;

namespace Probity.Server.Screening;

/// <summary>What screening is made of.</summary>
internal static class ScreeningModule
{
    public static IServiceCollection AddScreening(this IServiceCollection services, ProbitySettings settings)
    {
        services.AddSingleton<ListLibrary>();
        services.AddSingleton<ActiveLists>();
        services.AddSingleton<ListMetrics>();
        services.AddSingleton<ListAges>();
        services.AddSingleton<ListDesk>();
        services.AddSingleton(sp => new Lazy<ListDesk>(sp.GetRequiredService<ListDesk>));
        services.AddSingleton<ListStatus>();
        services.AddSingleton<LiveConfiguration>();
        services.AddSingleton<LiveEngine>();
        services.AddSingleton<MatchDesk>();
        services.AddSingleton(new ListFeedOptions
        {
            DropFolder = Path.Combine(settings.DataDir, "lists", "drop"),
            Feeds = settings.ListFeeds,
            ActivatesByItself = settings.ListsActivate,
        });
        services.AddSingleton(_ => new ListFetcher(NewHttp()));
        services.AddSingleton<ListWatch>();
        return services;
    }

    /// <summary>What runs by itself: whoever composes a server adds it, a verb does not.</summary>
    public static void AddListSweep(this IServiceCollection services)
    {
        services.AddHostedService(static services => services.GetRequiredService<LiveEngine>());
        services.AddHostedService<ListSweep>();
    }

    /// <summary>Continuous screening of customers, with their hits; needs the modules Customers and Cases.</summary>
    public static void AddContinuousScreening(this IServiceCollection services)
    {
        services.AddSingleton<CustomerIndex>();
        services.AddSingleton<HitKeeper>();
        services.AddSingleton<CustomerScreening>();
        services.AddSingleton<ICustomerWatch>(sp => sp.GetRequiredService<CustomerScreening>());
        services.AddSingleton<ContinuousRun>();
        services.AddSingleton<HitRegister>();
        services.AddSingleton<HitDesk>();
        services.AddSingleton(sp => new Lazy<HitDesk>(sp.GetRequiredService<HitDesk>));
        services.AddSingleton<ExemptionSweep>();
        services.AddSingleton<ConfigurationTrial>();
        services.AddSingleton<ConfigurationDesk>();
        services.AddSingleton(sp => new Lazy<ConfigurationDesk>(sp.GetRequiredService<ConfigurationDesk>));
        services.AddSingleton<IApprovedAction, ActivateConfigurationAction>();
        services.AddSingleton<EffectivenessDesk>();
        services.AddSingleton<EffectivenessSweep>();
        services.AddHostedService(sp => sp.GetRequiredService<EffectivenessSweep>());
        services.AddSingleton<IApprovedAction, ExemptAction>();
        services.AddSingleton<IApprovedAction, ActivateListAction>();
        services.AddSingleton<ListActivation>();
        services.AddSingleton<ContinuousSweep>();
        services.AddHostedService(sp => sp.GetRequiredService<ContinuousSweep>());
    }

    // The proxy of the environment is heeded; redirects are followed within HTTPS only, as the handler does by itself.
    private static HttpClient NewHttp() => new(new SocketsHttpHandler
    {
        AutomaticDecompression = DecompressionMethods.All,
        MaxAutomaticRedirections = 5,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = TimeSpan.FromMinutes(10),
    };
}
