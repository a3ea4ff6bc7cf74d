using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Storage.Commits;

/// <summary>
/// Inserts many rows of operational tables inside a transaction that is open, as the model maps them: by COPY where the
/// store has it, else with one prepared statement.
/// </summary>
internal static class BulkInsert
{
    /// <summary>Writes the rows, in their order.</summary>
    /// <exception cref="StorageException">storage.unaudited_change: a table is audited.</exception>
    /// <exception cref="DbUpdateException">A row is there already, or the store refuses it.</exception>
    public static async Task WriteAsync(
        ProbityDb db, IReadOnlyList<object> rows, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        foreach (var group in rows.GroupBy(row => row.GetType()))
        {
            var entity = db.Model.FindEntityType(group.Key)
                ?? throw new InvalidOperationException($"{group.Key.Name} is no row.");
            if (entity.IsAudited())
            {
                throw UnauditedChange.InBulk(entity);
            }

            var columns = entity.GetProperties().Select(property => new Column(property)).ToList();
            try
            {
                await (connection is NpgsqlConnection postgres
                    ? CopyAsync(postgres, entity, columns, group, cancellationToken)
                    : InsertAsync(connection, transaction, entity, columns, group, cancellationToken));
            }
            catch (DbException refused)
            {
                throw new DbUpdateException("The store refused a row.", refused);
            }
        }
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, IEntityType entity, List<Column> columns, IEnumerable<object> rows,
        CancellationToken cancellationToken)
    {
        var names = string.Join(", ", columns.Select(column => column.Name));
        await using var copy = await connection.BeginBinaryImportAsync(
            $"COPY {entity.GetSchemaQualifiedTableName()} ({names}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            foreach (var column in columns)
            {
                if (column.ValueOf(row) is { } value)
                {
                    await copy.WriteAsync(value, column.StoreType, cancellationToken);
                }
                else
                {
                    await copy.WriteNullAsync(cancellationToken);
                }
            }
        }

        await copy.CompleteAsync(cancellationToken);
    }

    // The names are those of the model, never of a request.
#pragma warning disable CA2100
    private static async Task InsertAsync(
        DbConnection connection, DbTransaction transaction, IEntityType entity, List<Column> columns,
        IEnumerable<object> rows, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO {entity.GetSchemaQualifiedTableName()} "
            + $"({string.Join(", ", columns.Select(column => column.Name))}) "
            + $"VALUES ({string.Join(", ", columns.Select(column => "@" + column.Name))})";
        foreach (var column in columns)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + column.Name;
            command.Parameters.Add(parameter);
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                command.Parameters[i].Value = columns[i].ValueOf(row) ?? DBNull.Value;
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
#pragma warning restore CA2100

    /// <summary>A column as the model maps it.</summary>
    private sealed class Column(IProperty property)
    {
        private readonly Func<object?, object?>? _convert =
            property.GetRelationalTypeMapping().Converter?.ConvertToProvider;

        public string Name { get; } = property.GetColumnName();

        public string StoreType { get; } = property.GetColumnType();

        public object? ValueOf(object row)
        {
            var value = property.GetGetter().GetClrValue(row);
            return _convert is null ? value : _convert(value);
        }
    }
}
