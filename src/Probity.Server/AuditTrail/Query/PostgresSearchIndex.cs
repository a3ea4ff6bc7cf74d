using System.Data;
using Npgsql;
using Probity.Server.AuditTrail.Query.Segments;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// The search index in tables of the main PostgreSQL database. The cursor row is the lock between nodes: who holds
/// it indexes, the others find its batch done.
/// </summary>
internal sealed class PostgresSearchIndex(NpgsqlDataSource database, TextTokens tokens) : SegmentedSearchIndex(tokens)
{
    /// <summary>
    /// Makes what is missing of the schema; safe to repeat. Pages have random content, so compression is switched
    /// off; they are sized to stay inside their row.
    /// </summary>
    public const string Schema = """
        CREATE SCHEMA IF NOT EXISTS probity_search;
        CREATE TABLE IF NOT EXISTS probity_search.cursor(
            id smallint PRIMARY KEY CHECK (id = 1), next_seq bigint NOT NULL, next_segment bigint NOT NULL);
        INSERT INTO probity_search.cursor VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS probity_search.segment(
            id bigint PRIMARY KEY, from_seq bigint NOT NULL, to_seq bigint NOT NULL,
            min_recorded bigint NOT NULL, max_recorded bigint NOT NULL,
            min_occurred bigint NOT NULL, max_occurred bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS probity_search.times(segment bigint PRIMARY KEY, times bytea NOT NULL);
        ALTER TABLE probity_search.times ALTER COLUMN times SET STORAGE EXTERNAL;
        CREATE TABLE IF NOT EXISTS probity_search.page(
            segment bigint NOT NULL, first_term bytea NOT NULL, body bytea NOT NULL,
            PRIMARY KEY (segment, first_term));
        ALTER TABLE probity_search.page ALTER COLUMN body SET STORAGE EXTERNAL;
        """;

    /// <summary>Runs <see cref="Schema"/>.</summary>
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Schema);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    protected override async ValueTask<ISegmentSession> BeginReadAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            // One snapshot for all statements: a merge committed between two of them must not be half seen.
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            return new PostgresSegmentSession(connection, transaction, locksCursor: false);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    protected override async ValueTask<ISegmentSession> BeginWriteAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            var session = new PostgresSegmentSession(connection, transaction, locksCursor: true);
            await session.ReadCursorAsync(cancellationToken);
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
