using Probity.Server.Access;
using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;

namespace Probity.Server.AuditTrail.Cli;

/// <summary>
/// The ledger of a data folder without a server: held by the folder's lock, opened as a server opens it, and closed
/// when the verb ends.
/// </summary>
internal sealed class LocalLedger : IAsyncDisposable
{
    private readonly DataFolderLock? _folder;
    private readonly ServiceProvider _services;

    private LocalLedger(DataFolderLock? folder, ServiceProvider services) => (_folder, _services) = (folder, services);

    public IServiceProvider Services => _services;

    /// <summary>Opens the ledger for appending; creates it when there is none.</summary>
    /// <param name="context">What the verb works with.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <param name="more">Adds the services of another module, which the composition root passes in.</param>
    public static async Task<LocalLedger> OpenAsync(
        VerbContext context, CancellationToken cancellationToken, Action<IServiceCollection>? more = null)
    {
        var ledger = await OpenUnpreparedAsync(context, cancellationToken, more);
        try
        {
            // What other modules prepare is the server's: this has only the ledger.
            await AuditTrailModule.PrepareAuditTrailAsync(ledger.Services, cancellationToken);
            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes the folder and brings the schema up to date; the log itself is not opened yet.</summary>
    public static async Task<LocalLedger> OpenUnpreparedAsync(
        VerbContext context, CancellationToken cancellationToken, Action<IServiceCollection>? more = null)
    {
        var folder = context.Settings.Store.Kind == StoreKind.Sqlite
            ? await DataFolderLock.TryTakeAsync(context.Settings.DataDir, cancellationToken)
                ?? throw new ExpectedFaultException(
                    "A server has just taken this data folder.", "Run the command again; it will go through that server.")
            : null;
        var ledger = new LocalLedger(folder, Build(context, more));
        try
        {
            await MigrationPlan.ApplyAsync(ledger.Services.GetRequiredService<IDatabase>(), cancellationToken);
            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>The services of a ledger that is only read; nothing is opened, created or written yet.</summary>
    public static LocalLedger ForReading(VerbContext context, Action<IServiceCollection>? more = null) =>
        new(null, Build(context, more));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder?.Dispose();
    }

    private static ServiceProvider Build(VerbContext context, Action<IServiceCollection>? more)
    {
        var services = new ServiceCollection();
        services.AddSingleton(context.Settings);
        services.AddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddAuditTrail(context.Settings);
        services.AddSingleton<IApiKeyStore, ApiKeyStore>();
        services.AddAccess();
        Composition.Modules.AddOffline(services, context.Settings);
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }
}
