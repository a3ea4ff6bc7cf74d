using System.Data;
using System.Data.Common;
using Probity.Server.Keys;

namespace Probity.Server.Storage;

/// <summary>
/// The rows of wrapped keys, in words both stores understand. EF Core is not used: a key may be needed in the middle
/// of anything, and these are three statements.
/// </summary>
internal sealed class DataKeyTable(IDatabase database)
{
    private const string Columns = "SELECT id, kind, wrapped_by, wrapped, algorithm, created_at, state FROM data_key";
    private const string ById = Columns + " WHERE id = @id";
    private const string ByKind = Columns + " WHERE kind = @kind AND state = 'active'";
    private const string Insert = """
        INSERT INTO data_key (id, kind, wrapped_by, wrapped, algorithm, created_at, state)
        VALUES (@id, @kind, @wrapped_by, @wrapped, @algorithm, @created_at, @state)
        ON CONFLICT DO NOTHING
        """;

    /// <summary>The key of an id; null when there is none.</summary>
    public Task<DataKeyRow?> FindAsync(string id, CancellationToken cancellationToken) =>
        FirstAsync(ById, "@id", id, cancellationToken);

    /// <summary>The active key of a kind that has one at a time; null when none was made yet.</summary>
    public Task<DataKeyRow?> FindActiveAsync(string kind, CancellationToken cancellationToken) =>
        FirstAsync(ByKind, "@kind", kind, cancellationToken);

    /// <summary>
    /// Writes a row in a transaction of its own, durable when the task completes; nothing happens when its kind has an
    /// active key already and may have only one.
    /// </summary>
    public Task InsertAsync(DataKeyRow row, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction, token) =>
        {
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = Insert;
            Add(command, "@id", DbType.String, row.Id);
            Add(command, "@kind", DbType.String, row.Kind);
            Add(command, "@wrapped_by", DbType.String, row.WrappedBy);
            Add(command, "@wrapped", DbType.Binary, row.Wrapped);
            Add(command, "@algorithm", DbType.String, row.Algorithm);
            Add(command, "@created_at", DbType.Int64, InstantConverter.ToMicroseconds(row.CreatedAt));
            Add(command, "@state", DbType.String, row.State);
            await command.ExecuteNonQueryAsync(token);
        },
        cancellationToken);

    private async Task<DataKeyRow?> FirstAsync(
        string sql, string parameter, string value, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        Add(command, parameter, DbType.String, value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static DataKeyRow Read(DbDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Kind = reader.GetString(1),
        WrappedBy = reader.IsDBNull(2) ? null : reader.GetString(2),
        Wrapped = reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3),
        Algorithm = reader.GetString(4),
        CreatedAt = InstantConverter.FromMicroseconds(reader.GetInt64(5)),
        State = reader.GetString(6),
    };

    private static void Add(DbCommand command, string name, DbType type, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}
