namespace Probity.Server.Access;

/// <summary>Who may do what. The store of the keys, <see cref="IApiKeyStore"/>, is added by whoever composes the server.</summary>
internal static class AccessModule
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeyAuthenticator>();
        services.AddSingleton<ApiKeyIssuer>();
        services.AddSingleton<BootstrapKey>();
        services.AddSingleton<AccessMetrics>();
    }

    public static void MapAccess(this IEndpointRouteBuilder api) => ApiKeyEndpoints.Map(api);
}
