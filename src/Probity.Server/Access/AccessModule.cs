using Microsoft.Extensions.DependencyInjection.Extensions;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Monitoring;
using Probity.Server.Access.OpenId;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Scim;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.Setup;
using Probity.Server.Access.SignIn;
using Probity.Server.Access.Tokens;
using Probity.Server.Access.Users;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access;

/// <summary>
/// Who may do what. The store of the keys, <see cref="IApiKeyStore"/>, and the database are added by whoever composes the
/// server; without a database only API keys are known.
/// </summary>
internal static class AccessModule
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.TryAddSingleton(sp => new Lazy<IDatabase>(sp.GetRequiredService<IDatabase>));
        services.TryAddSingleton(sp => new Lazy<ILedgerWriter>(sp.GetRequiredService<ILedgerWriter>));
        services.AddSingleton<ApiKeyAuthenticator>();
        services.AddSingleton<KeyOwners>();
        services.AddSingleton<ApiKeyIssuer>();
        services.AddSingleton<BootstrapKey>();
        services.AddSingleton<AccessMetrics>();
        services.AddSingleton<AccessKeys>();
        services.AddSingleton<RequestCredentials>();
        services.AddSingleton<CrossSiteGuard>();
        services.AddSingleton<DeniedRecorder>();
        services.AddSingleton<ServiceTokens>();
        services.AddSingleton(QuotaLimits.Default);
        services.AddSingleton<RequestQuota>();
        AddSessions(services);
        AddSignIn(services);
        services.AddApprovals();
        services.AddMonitoring();
    }

    public static void MapAccess(this IEndpointRouteBuilder api)
    {
        ApiKeyEndpoints.Map(api);
        SessionEndpoints.Map(api);
        SetupEndpoints.Map(api);
        AccountEndpoints.Map(api);
        PasskeyEndpoints.Map(api);
        OpenIdEndpoints.Map(api);
        SessionListEndpoints.Map(api);
        UserEndpoints.Map(api);
        RoleEndpoints.Map(api);
        ApprovalEndpoints.Map(api);
        MonitoringEndpoints.Map(api);
    }

    /// <summary>Makes the built-in roles, before the first request.</summary>
    public static Task PrepareAccessAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<RoleSeed>().EnsureAsync(cancellationToken);

    private static void AddSessions(IServiceCollection services)
    {
        services.AddSingleton<SessionReader>();
        services.AddSingleton<SessionDesk>();
        services.AddSingleton<SessionRevocations>();
        services.AddHostedService<SessionWatch>();
        services.AddSingleton<RoleSeed>();
        services.AddSingleton<RoleDesk>();
        services.AddSingleton<CreationKeys>();
        services.AddSingleton<IdentityUsers>();
        services.AddSingleton<UserSecrets>();
        services.AddSingleton<UserDesk>();
    }

    private static void AddSignIn(IServiceCollection services)
    {
        services.AddSingleton(PasswordCost.Default);
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<PasswordQueue>();
        services.AddSingleton<PasswordRules>();
        services.AddSingleton<IBreachedPasswords, BreachedPasswordFile>();
        services.AddSingleton<LoginDigest>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<SharedLanes>();
        services.AddSingleton<SignInLanes>();
        services.AddSingleton<DeviceCookie>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<SignInChecks>();
        services.AddSingleton<SignInDesk>();
        services.AddSingleton<AccountDesk>();
        services.AddSingleton<SealedState>();
        services.AddSingleton<PasskeyRules>();
        services.AddSingleton<PasskeyDesk>();
        services.AddSingleton<OpenIdClient>();
        services.AddSingleton<OpenIdPeople>();
        services.AddSingleton<OpenIdDesk>();
        services.AddSingleton<GroupRoles>();
        services.AddSingleton<ScimUsers>();
        services.AddSingleton<ScimGroups>();
        services.AddSingleton<SetupLink>();
        services.AddSingleton<FirstAdministrator>();
    }
}
