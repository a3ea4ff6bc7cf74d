using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace Probity.Server.Storage.Postgres;

/// <summary>
/// The store on PostgreSQL. Every pooled connection works as <c>probity_app</c>, which can add to the ledger but not
/// change it. Thread safe.
/// </summary>
internal sealed class PostgresDatabase : IDatabase
{
    /// <summary>The longest a statement may run; longer work sets its own with SET LOCAL.</summary>
    public static readonly TimeSpan StatementTimeout = TimeSpan.FromSeconds(30);

    // Durability is not left to a setting of the server; 'local' and everything above 'on' stay as they are. Without
    // jit: where a range of numbers is a parameter the planner expects a share of the whole table, and compiles for
    // milliseconds what runs for microseconds.
    private const string SessionSettings = """
        SET ROLE probity_app;
        SET search_path = probity, pg_temp;
        SET statement_timeout = '30s';
        SET lock_timeout = '10s';
        SET idle_in_transaction_session_timeout = '60s';
        SET jit = off;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
        """;

    private const int AutoPreparedStatements = 40;

    /// <summary>
    /// Bytes; the keys of some thousand new persons fit. Of a batch that does not fit, the driver sends what follows
    /// the first statement from another thread. Twice a commit of 300 new persons waited 30 s for its first answer;
    /// that the rest had not been sent is supposed, not shown. Blocking reads of the driver can wait as long by
    /// themselves where 300 of them hold the thread pool: seen with the driver alone.
    /// </summary>
    private const int LeastWriteBuffer = 1 << 18;

    // Without a connection, so that they are made and looked up once and not for each context.
    private static readonly DbContextOptions<PostgresProbityDb> s_options =
        new DbContextOptionsBuilder<PostgresProbityDb>().UseNpgsql(npgsql => npgsql.SetPostgresVersion(13, 0)).Options;

    private readonly Lazy<IModel> _model;
    private readonly string _ownerConnectionString;

    /// <param name="connectionString">An Npgsql key=value string.</param>
    public PostgresDatabase(string connectionString)
    {
        _model = new Lazy<IModel>(() =>
        {
            using var db = CreateContext();
            return db.Model;
        });
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.ApplicationName ??= "probity";
        _ownerConnectionString = new NpgsqlConnectionStringBuilder(settings.ToString())
        {
            Pooling = false,
            CommandTimeout = 0,
        }.ToString();

        // Returning a connection to the pool normally resets it, role included; our session settings are the same for
        // everyone and nothing else is set outside a transaction, so the reset would only undo them.
        settings.NoResetOnClose = true;

        // Every commit sends the same few statements: planning them anew costs as much as running them.
        settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? AutoPreparedStatements : settings.MaxAutoPrepare;
        settings.WriteBufferSize = Math.Max(settings.WriteBufferSize, LeastWriteBuffer);
        var builder = new NpgsqlDataSourceBuilder(settings.ToString());
        builder.UsePhysicalConnectionInitializer(Initialize, InitializeAsync);
        Source = builder.Build();
    }

    /// <summary>The pool; its connections work as <c>probity_app</c>.</summary>
    public NpgsqlDataSource Source { get; }

    public IModel Model => _model.Value;

    public DbConnection OpenReaderBlocking() => Source.OpenConnection();

    public async ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) =>
        await Source.OpenConnectionAsync(cancellationToken);

    public async Task WriteAsync(
        Func<DbConnection, DbTransaction, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.ReadCommitted, cancellationToken);
        await work(connection, transaction, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
    }

    public async Task<bool> ScrubAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Rewrites the table into a new file; an ordinary VACUUM would leave the old bytes where they are.
            await using var connection = await OpenOwnerAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "VACUUM (FULL) probity.data_key";
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    public async ValueTask<DbConnection> OpenOwnerAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_ownerConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ProbityDb CreateContext() => Context(Source.CreateConnection(), ownsConnection: true);

    public ProbityDb CreateContext(DbConnection connection) => Context(connection, ownsConnection: false);

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    private static PostgresProbityDb Context(DbConnection connection, bool ownsConnection)
    {
        var db = new PostgresProbityDb(s_options);
        db.Database.SetDbConnection(connection, ownsConnection);
        return db;
    }

    private static void Initialize(NpgsqlConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = SessionSettings;
        command.ExecuteNonQuery();
    }

    private static async Task InitializeAsync(NpgsqlConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = SessionSettings;
        await command.ExecuteNonQueryAsync();
    }
}
