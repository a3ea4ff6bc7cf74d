using System.Data;
using System.Data.Common;
using Probity.Server.Keys;

namespace Probity.Server.Storage;

/// <summary>
/// The rows of wrapped keys, in words both stores understand. EF Core is not used: a key may be needed in the middle
/// of anything, and these are a few statements.
/// </summary>
internal sealed class DataKeyTable(IDatabase database)
{
    /// <summary>Writes a row; nothing when the id is taken or its kind has an active key and may have only
    /// one.</summary>
    public const string Insert = """
        INSERT INTO data_key (id, kind, wrapped_by, wrapped, algorithm, created_at, state, subject, version)
        VALUES (@id, @kind, @wrapped_by, @wrapped, @algorithm, @created_at, @state, @subject, @version)
        ON CONFLICT DO NOTHING
        """;

    private const string Columns =
        "SELECT id, kind, wrapped_by, wrapped, algorithm, created_at, state, subject, version FROM data_key";
    private const string ById = Columns + " WHERE id = @id";
    private const string ByKind = Columns + " WHERE kind = @kind AND state = 'active'";
    private const string BySubject =
        Columns + " WHERE subject = @subject AND state = 'active' ORDER BY created_at DESC LIMIT 1";

    private const string Retire =
        "UPDATE data_key SET state = 'retired' WHERE id = @id AND kind = 'kek' AND state = 'active'";
    private const string OnesUnderOthers = Columns + """
         WHERE state <> 'destroyed' AND kind NOT IN ('kek', 'root') AND wrapped_by <> @active AND id > @after
        ORDER BY id LIMIT 500
        """;
    private const string WrapAnew = """
        UPDATE data_key SET wrapped = @wrapped, wrapped_by = @by
        WHERE id = @id AND wrapped_by = @former AND state <> 'destroyed'
        """;
    private const string DestroyUnused = """
        UPDATE data_key SET wrapped = NULL, state = 'destroyed' WHERE kind = 'kek' AND state = 'retired'
          AND NOT EXISTS (SELECT 1 FROM data_key AS d WHERE d.wrapped_by = data_key.id AND d.state <> 'destroyed')
        """;
    private const string WrapUnderRoot = """
        UPDATE data_key SET wrapped = @wrapped WHERE id = @id AND kind = 'kek' AND state = @state
        """;
    private const string CountKeks = "SELECT count(*) FROM data_key WHERE kind = 'kek' AND state <> 'destroyed'";
    private const string HoldHead = "SELECT size FROM ledger_head WHERE id = 1 FOR UPDATE";
    private const string Counts = """
        SELECT kind, state, coalesce(wrapped_by, ''), count(*), min(created_at), max(created_at)
        FROM data_key GROUP BY kind, state, coalesce(wrapped_by, '')
        """;

    // The trigger on the table refuses a row wrapped under a destroyed key; this finds out without an error.
    private const string WrapperIsThere =
        "SELECT 1 FROM data_key WHERE id = @id AND state <> 'destroyed'";

    /// <summary>The key of an id; null when there is none.</summary>
    public Task<DataKeyRow?> FindAsync(string id, CancellationToken cancellationToken) =>
        FirstAsync(ById, "@id", id, cancellationToken);

    /// <summary>As <see cref="FindAsync"/>, on the calling thread alone.</summary>
    public DataKeyRow? Find(string id) => First(ById, "@id", id);

    /// <summary>As <see cref="FindActiveAsync"/>, on the calling thread alone.</summary>
    public DataKeyRow? FindActive(string kind) => First(ByKind, "@kind", kind);

    /// <summary>The active key of a kind that has one at a time; null when none was made yet.</summary>
    public Task<DataKeyRow?> FindActiveAsync(string kind, CancellationToken cancellationToken) =>
        FirstAsync(ByKind, "@kind", kind, cancellationToken);

    /// <summary>
    /// The newest active key of a person; null when none was made yet or all are destroyed. On the calling thread
    /// alone.
    /// </summary>
    public DataKeyRow? FindSubject(string subject) => First(BySubject, "@subject", subject);

    /// <summary>
    /// Writes a row in a transaction of its own, durable when the task completes; nothing happens when its kind has an
    /// active key already and may have only one.
    /// </summary>
    /// <returns>False, and nothing written, when the key it is wrapped under has been destroyed meanwhile.</returns>
    public async Task<bool> TryInsertAsync(DataKeyRow row, CancellationToken cancellationToken)
    {
        var isWritten = true;
        await database.WriteAsync(
            async (connection, transaction, token) =>
            {
                isWritten = row.WrappedBy is not { } by || await IsThereAsync(connection, transaction, by, token);
                if (isWritten)
                {
                    await using var command = Command(connection, transaction, Insert);
                    Bind(command, row);
                    await command.ExecuteNonQueryAsync(token);
                }
            },
            cancellationToken);
        return isWritten;
    }

    /// <summary>Every key-encryption key and every remembered root key, oldest first.</summary>
    public async Task<IReadOnlyList<DataKeyRow>> ListKeksAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        await using var command = Command(
            connection, null, Columns + " WHERE kind IN ('kek', 'root') ORDER BY version, created_at");
        return await ReadAllAsync(command, cancellationToken);
    }

    /// <summary>How many keys there are, by kind, state and what they are wrapped under.</summary>
    public async Task<IReadOnlyList<DataKeyCount>> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        await using var command = Command(connection, null, Counts);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<DataKeyCount>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(new DataKeyCount(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3),
                InstantConverter.FromMicroseconds(reader.GetInt64(4)),
                    InstantConverter.FromMicroseconds(reader.GetInt64(5))));
        }

        return counts;
    }

    /// <summary>Makes another key-encryption key the active one, inside a commit of the ledger.</summary>
    /// <exception cref="StorageException">keys.rotation_raced: someone else has rotated meanwhile.</exception>
    public static async Task ExchangeAsync(
        DbConnection connection, DbTransaction transaction, string formerId, DataKeyRow next,
        CancellationToken cancellationToken)
    {
        await using var retire = Command(connection, transaction, Retire);
        Add(retire, "@id", DbType.String, formerId);
        if (await retire.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            throw Raced();
        }

        await InsertAsync(connection, transaction, next, cancellationToken);
    }

    /// <summary>
    /// Stores every key-encryption key wrapped under a new root key and remembers the former one, inside a commit of
    /// the ledger: all or none, so that an interrupted change of the root key leaves nothing half done.
    /// </summary>
    /// <exception cref="StorageException">keys.rotation_raced: someone else has rotated meanwhile.</exception>
    public static async Task ReplaceRootAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<(DataKeyRow Kek, byte[] Wrapped)> keks,
        DataKeyRow former, CancellationToken cancellationToken)
    {
        foreach (var (kek, wrapped) in keks)
        {
            await using var command = Command(connection, transaction, WrapUnderRoot);
            Add(command, "@id", DbType.String, kek.Id);
            Add(command, "@state", DbType.String, kek.State);
            Add(command, "@wrapped", DbType.Binary, wrapped);
            if (await command.ExecuteNonQueryAsync(cancellationToken) != 1)
            {
                throw Raced();
            }
        }

        await using var count = Command(connection, transaction, CountKeks);
        if (Convert.ToInt64(await count.ExecuteScalarAsync(cancellationToken),
            System.Globalization.CultureInfo.InvariantCulture) != keks.Count)
        {
            throw Raced();
        }

        await InsertAsync(connection, transaction, former, cancellationToken);
    }

    /// <summary>
    /// Refuses to go on with a root key that another node has replaced: what is wrapped under it would never open.
    /// </summary>
    /// <exception cref="StorageException">keys.rotation_raced: the root key was rotated away meanwhile.</exception>
    public static async Task RequireRootAsync(
        DbConnection connection, DbTransaction transaction, string rootId, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, ById);
        Add(command, "@id", DbType.String, rootId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken))
        {
            throw new StorageException("keys.rotation_raced",
                "Another node has replaced the root key. Give this one the new key and start it again.");
        }
    }

    /// <summary>Writes a row inside a transaction.</summary>
    public static async Task InsertAsync(
        DbConnection connection, DbTransaction transaction, DataKeyRow row, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, Insert);
        Bind(command, row);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Up to 500 keys after an id that are wrapped under another key than the active one.</summary>
    public async Task<IReadOnlyList<DataKeyRow>> FindUnderOthersAsync(
        string activeKek, string after, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        await using var command = Command(connection, null, OnesUnderOthers);
        Add(command, "@active", DbType.String, activeKek);
        Add(command, "@after", DbType.String, after);
        return await ReadAllAsync(command, cancellationToken);
    }

    /// <summary>Stores keys wrapped anew, in one transaction. One that was destroyed meanwhile stays
    /// destroyed.</summary>
    public Task WrapAnewAsync(
        IReadOnlyList<(DataKeyRow Former, byte[] Wrapped)> keys, string by, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction, token) =>
            {
                foreach (var (former, wrapped) in keys)
                {
                    await using var command = Command(connection, transaction, WrapAnew);
                    Add(command, "@id", DbType.String, former.Id);
                    Add(command, "@former", DbType.String, former.WrappedBy);
                    Add(command, "@wrapped", DbType.Binary, wrapped);
                    Add(command, "@by", DbType.String, by);
                    await command.ExecuteNonQueryAsync(token);
                }
            },
            cancellationToken);

    /// <summary>
    /// Destroys the retired key-encryption keys under which nothing is wrapped any more. It holds the head of the
    /// ledger
    /// meanwhile, so that no commit that might still wrap under one runs beside it.
    /// </summary>
    public async Task<int> DestroyUnusedAsync(CancellationToken cancellationToken)
    {
        var destroyed = 0;
        await database.WriteAsync(
            async (connection, transaction, token) =>
            {
                if (connection is Npgsql.NpgsqlConnection)
                {
                    await using var hold = Command(connection, transaction, HoldHead);
                    await hold.ExecuteScalarAsync(token);
                }

                await using var command = Command(connection, transaction, DestroyUnused);
                destroyed = await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);
        return destroyed;
    }

    /// <summary>Binds the parameters of <see cref="Insert"/>.</summary>
    public static void Bind(DbCommand command, DataKeyRow row)
    {
        Add(command, "@id", DbType.String, row.Id);
        Add(command, "@kind", DbType.String, row.Kind);
        Add(command, "@wrapped_by", DbType.String, row.WrappedBy);
        Add(command, "@wrapped", DbType.Binary, row.Wrapped);
        Add(command, "@algorithm", DbType.String, row.Algorithm);
        Add(command, "@created_at", DbType.Int64, InstantConverter.ToMicroseconds(row.CreatedAt));
        Add(command, "@state", DbType.String, row.State);
        Add(command, "@subject", DbType.String, row.Subject);
        Add(command, "@version", DbType.Int32, row.Version);
    }

    private static StorageException Raced() =>
        new("keys.rotation_raced", "Someone else has just rotated the keys. Look at the list first.");

    private static async Task<IReadOnlyList<DataKeyRow>> ReadAllAsync(DbCommand command,
        CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<DataKeyRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    private static async Task<bool> IsThereAsync(
        DbConnection connection, DbTransaction transaction, string id, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, transaction, WrapperIsThere);
        Add(command, "@id", DbType.String, id);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string constantSql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every caller is in this file and passes a constant.
        command.CommandText = constantSql;
#pragma warning restore CA2100
        return command;
    }

    private async Task<DataKeyRow?> FirstAsync(
        string sql, string parameter, string value, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        await using var command = Command(connection, null, sql);
        Add(command, parameter, DbType.String, value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private DataKeyRow? First(string sql, string parameter, string value)
    {
        using var connection = database.OpenReaderBlocking();
        using var command = Command(connection, null, sql);
        Add(command, parameter, DbType.String, value);
        using var reader = command.ExecuteReader();
        return reader.Read() ? Read(reader) : null;
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
        Subject = reader.IsDBNull(7) ? null : reader.GetString(7),
        Version = reader.IsDBNull(8) ? null : reader.GetInt32(8),
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

/// <summary>Keys of one kind and state under one wrapping key.</summary>
internal sealed record DataKeyCount(
    string Kind, string State, string WrappedBy, long Count, DateTimeOffset Oldest, DateTimeOffset Newest);
