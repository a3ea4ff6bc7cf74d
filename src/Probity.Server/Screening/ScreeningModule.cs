using System.Net;
using Probity.Server.Hosting.Settings;
using Probity.Server.Screening.Lists;

namespace Probity.Server.Screening;

/// <summary>What screening is made of.</summary>
internal static class ScreeningModule
{
    public static IServiceCollection AddScreening(this IServiceCollection services, ProbitySettings settings)
    {
        services.AddSingleton<ListLibrary>();
        services.AddSingleton<ActiveLists>();
        services.AddSingleton<ListMetrics>();
        services.AddSingleton<ListDesk>();
        services.AddSingleton<ListStatus>();
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
    public static void AddListSweep(this IServiceCollection services) => services.AddHostedService<ListSweep>();

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
