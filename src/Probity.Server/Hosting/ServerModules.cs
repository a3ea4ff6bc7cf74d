using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Startup;

namespace Probity.Server.Hosting;

/// <summary>
/// What the modules bring to the server. <see cref="Add"/> registers their services (an <c>IApiKeyStore</c> among them),
/// <see cref="Map"/> their endpoints: first argument the root, second the group <c>/api/v1</c>.
/// </summary>
internal sealed record ServerModules
{
    public required Action<IServiceCollection, ProbitySettings> Add { get; init; }

    /// <summary>What modules beyond the ledger bring to a verb that works on a data folder without a server.</summary>
    public Action<IServiceCollection, ProbitySettings> AddOffline { get; init; } = static (_, _) => { };

    public required Action<IEndpointRouteBuilder, IEndpointRouteBuilder> Map { get; init; }

    /// <summary>
    /// What happens before the first request: migrate, open the key ring and the ledger. Runs before the server listens.
    /// </summary>
    public Func<IServiceProvider, CancellationToken, Task> Prepare { get; init; } = static (_, _) => Task.CompletedTask;

    /// <summary>The ledger as the summary of the start tells it.</summary>
    public Func<IServiceProvider, CancellationToken, Task<LedgerGlance>> Glance { get; init; } =
        static (_, _) => Task.FromResult(LedgerGlance.None);
}
