using System.Data.Common;
using System.Runtime.CompilerServices;
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
    private static readonly ConditionalWeakTable<IEntityType, Table> s_tables = [];

    /// <summary>Writes the rows, in their order.</summary>
    /// <exception cref="StorageException">storage.unaudited_change: a table is audited.</exception>
    /// <exception cref="DbUpdateException">A row is there already, or the store refuses it.</exception>
    public static async Task WriteAsync(
        IModel model, IReadOnlyList<object> rows, DbConnection connection, DbTransaction transaction,
        CancellationToken cancellationToken)
    {
        foreach (var group in rows.GroupBy(row => row.GetType()))
        {
            var entity = model.FindEntityType(group.Key)
                ?? throw new InvalidOperationException($"{group.Key.Name} is no row.");
            if (entity.IsAudited())
            {
                throw UnauditedChange.InBulk(entity);
            }

            var table = s_tables.GetValue(entity, static mapped => new Table(mapped));
            try
            {
                await (connection is NpgsqlConnection postgres
                    ? CopyAsync(postgres, table, group, cancellationToken)
                    : InsertAsync(connection, transaction, table, group, cancellationToken));
            }
            catch (DbException refused)
            {
                throw new DbUpdateException("The store refused a row.", refused);
            }
        }
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, Table table, IEnumerable<object> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(table.Copy, cancellationToken);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            foreach (var column in table.Columns)
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
        DbConnection connection, DbTransaction transaction, Table table, IEnumerable<object> rows,
        CancellationToken cancellationToken)
    {
        var columns = table.Columns;
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = table.Insert;
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

    /// <summary>A table as the model maps it, with the statements that fill it.</summary>
    private sealed class Table
    {
        public Table(IEntityType entity)
        {
            Columns = [.. entity.GetProperties().Select(property => new Column(property))];
            var (name, columns) =
                (entity.GetSchemaQualifiedTableName(), string.Join(", ", Columns.Select(column => column.Name)));
            Copy = $"COPY {name} ({columns}) FROM STDIN (FORMAT BINARY)";
            Insert = $"INSERT INTO {name} ({columns}) "
                + $"VALUES ({string.Join(", ", Columns.Select(column => "@" + column.Name))})";
        }

        public IReadOnlyList<Column> Columns { get; }

        public string Copy { get; }

        public string Insert { get; }
    }

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
