using Npgsql;
using Probity.Server.AuditTrail.Query;
using Xunit;

namespace Probity.Conformance.AuditTrail.Query;

public sealed class PostgresSearchIndexTests(PostgresCluster cluster) : SearchIndexContract, IClassFixture<PostgresCluster>
{
    private NpgsqlDataSource? _database;

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    private protected override async ValueTask<ISearchIndex> OpenAsync()
    {
        PostgresCluster.SkipIfMissing();
        _database = NpgsqlDataSource.Create(cluster.ConnectionString(await cluster.CreateDatabaseAsync()));
        var index = new PostgresSearchIndex(_database, Tokens);
        await index.EnsureCreatedAsync(CancellationToken.None);
        await index.EnsureCreatedAsync(CancellationToken.None); // safe to repeat
        return index;
    }
}
