using Npgsql;
using Xunit;

namespace Probity.Conformance;

public sealed class PostgresClusterTests
{
    [Fact]
    public async Task A_killed_cluster_starts_again_with_its_committed_rows()
    {
        PostgresCluster.SkipIfMissing();
        await using var cluster = new PostgresCluster();
        await cluster.InitializeAsync();
        var database = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await ExecuteAsync(database, "CREATE TABLE kept (n int)");
        await ExecuteAsync(database, "INSERT INTO kept VALUES (42)");

        await cluster.KillAsync();
        await cluster.StartAsync();

        Assert.Equal(42, await ExecuteAsync(database, "SELECT n FROM kept"));
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant statements of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }
}
