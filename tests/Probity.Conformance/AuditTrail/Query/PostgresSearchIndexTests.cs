using Npgsql;
using Probity.Server.AuditTrail.Query;
using Xunit;

namespace Probity.Conformance.AuditTrail.Query;

public sealed class PostgresSearchIndexTests(PostgresSearchIndexTests.OneDatabase database)
    : SearchIndexContract, IClassFixture<PostgresSearchIndexTests.OneDatabase>
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override async ValueTask<ISearchIndex> OpenAsync()
    {
        PostgresCluster.SkipIfMissing();
        return await database.EmptyIndexAsync();
    }

    /// <summary>
    /// One database for all tests, which run one after the other: each begins with the schema dropped and made anew,
    /// which takes a fraction of the time of a database of its own. Statements are prepared as in production.
    /// </summary>
    public sealed class OneDatabase : IAsyncLifetime
    {
        private readonly PostgresCluster _cluster = new();
        private NpgsqlDataSource? _database;

        public ValueTask InitializeAsync() => _cluster.InitializeAsync();

        public async ValueTask DisposeAsync()
        {
            if (_database is not null)
            {
                await _database.DisposeAsync();
            }

            await _cluster.DisposeAsync();
        }

        internal async Task<ISearchIndex> EmptyIndexAsync()
        {
            _database ??= NpgsqlDataSource.Create(
                _cluster.ConnectionString(await _cluster.CreateDatabaseAsync()) + ";Max Auto Prepare=40");
            await using (var drop = _database.CreateCommand("DROP SCHEMA IF EXISTS probity_search CASCADE"))
            {
                await drop.ExecuteNonQueryAsync();
            }

            var index = new PostgresSearchIndex(_database, Tokens);
            await index.EnsureCreatedAsync(CancellationToken.None);
            await index.EnsureCreatedAsync(CancellationToken.None); // safe to repeat
            return index;
        }
    }
}
