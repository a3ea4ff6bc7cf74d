using Probity.Conformance;
using Probity.Server.Hosting.Settings;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Probity.Server.Tests.AuditTrail.Api;

/// <summary>The whole server on a database of its own in the PostgreSQL cluster of this assembly.</summary>
public class PostgresRunningServer(SharedPostgres postgres) : RunningServer
{
    /// <summary>Starts nothing where there is no PostgreSQL: the tests are then skipped by name.</summary>
    public override async ValueTask InitializeAsync()
    {
        if (PostgresCluster.IsAvailable)
        {
            await base.InitializeAsync();
        }
    }

    /// <summary>This server; skips the test that asks for it where there is no PostgreSQL.</summary>
    public PostgresRunningServer OrSkip()
    {
        PostgresCluster.SkipIfMissing();
        return this;
    }

    protected override async Task ConfigureAsync(Dictionary<string, string> environment)
    {
        var cluster = await postgres.GetAsync();
        environment[SettingCatalogue.Database.Name] = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
    }
}

/// <summary>One PostgreSQL cluster for all tests of this assembly, started when the first of them needs it.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private readonly PostgresCluster _cluster = new();
    private readonly Lock _gate = new();
    private Task? _start;

    public async Task<PostgresCluster> GetAsync()
    {
        Task start;
        lock (_gate)
        {
            start = _start ??= _cluster.InitializeAsync().AsTask();
        }

        await start;
        return _cluster;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
