using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Probity.Server.Storage.Sqlite;

/// <summary>
/// The embedded store: one file in WAL mode with one writing connection and any number of reading ones. Thread safe.
/// </summary>
internal sealed class SqliteDatabase : IDatabase
{
    // 8 KiB pages hold several entries each; the size is fixed when the file is made.
    private const string FilePragmas = "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;";

    // What was deleted is overwritten: a destroyed key must not lie in a page that nobody reads.
    // FULL makes a commit durable when it returns. Checkpoints are made beside the writer (SqliteCheckpointer); what
    // that leaves in bulk, the writer brings in at 16,384 pages, so that the WAL stays near 128 MB; it keeps its size,
    // since a file that grows is dearer to flush. Recursive triggers make INSERT OR REPLACE meet the triggers that
    // refuse DELETE.
    private const string WriterPragmas = """
        PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;
        PRAGMA secure_delete=ON; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;
        PRAGMA wal_autocheckpoint=16384; PRAGMA journal_size_limit=134217728;
        """;

    private const string CheckpointPragmas = "PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;";

    // The file is not mapped: after each commit of the writer a reader would unmap it and map it again, in which
    // every thread waits that touches memory for the first time, on all processors.
    private const string ReaderPragmas = """
        PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;
        PRAGMA cache_size=-16384;
        """;

    private const int ScrubAttempts = 20;

    // Without a connection, so that they are made and looked up once and not for each context.
    private static readonly DbContextOptions<SqliteProbityDb> s_options =
        new DbContextOptionsBuilder<SqliteProbityDb>().UseSqlite().Options;

    private static readonly TimeSpan s_scrubPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly OwnThread _writes = new("operational-writes", makesWay: false);
    private readonly ConditionalWeakTable<object, object> _prepared = [];
    private readonly Lazy<IModel> _model;
    private readonly string _readerConnectionString;
    private readonly string _writerConnectionString;
    private SqliteConnection? _writer;
    private SqliteCheckpointer? _checkpointer;
    private volatile bool _disposed;

    /// <param name="path">The database file; its folder exists.</param>
    public SqliteDatabase(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        _model = new Lazy<IModel>(() =>
        {
            using var db = CreateContext();
            return db.Model;
        });
        _writerConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString();
        _readerConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = true,
            DefaultTimeout = 30,
        }.ToString();
    }

    /// <summary>The file, as an absolute path.</summary>
    public string Path { get; }

    public IModel Model => _model.Value;

    /// <summary>
    /// Waits for the turn to write. The lease gives the same connection every time, so prepared commands may be kept
    /// for as long as it stays the same object; whoever holds the lease is the only writer until it is disposed.
    /// </summary>
    public async ValueTask<SqliteWriterLease> AcquireWriterAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _turn.WaitAsync(cancellationToken);
        return Lease();
    }

    /// <summary>
    /// Waits for the turn on the caller's thread, which should be its own: a commit of the ledger waits for no other
    /// thread to be free. It may overtake operational writes, but not one that has lost its patience.
    /// </summary>
    public SqliteWriterLease AcquireForCommit(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        WaitNext(cancellationToken);
        return Lease();
    }

    /// <summary>An open read-only connection; disposing it gives it back to the pool.</summary>
    public SqliteConnection OpenReader()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var connection = new SqliteConnection(_readerConnectionString);
        try
        {
            connection.Open();
            // The pool gives back the same native handle with its settings; only a new one needs them.
            if (connection.Handle is { } handle && _prepared.TryAdd(handle, this))
            {
                Run(connection, ReaderPragmas);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public DbConnection OpenReaderBlocking() => OpenReader();

    public ValueTask<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => new(OpenReader());

    /// <remarks>
    /// On a thread of its own: who holds the turn must not wait for the thread pool, or every commit would with it.
    /// </remarks>
    public Task WriteAsync(
        Func<DbConnection, DbTransaction, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _writes.RunAsync(() => WriteAsync(AcquireForWrite(cancellationToken), work, cancellationToken));
    }

    private SqliteWriterLease AcquireForWrite(CancellationToken cancellationToken)
    {
        if (!_turn.Wait(s_patience, cancellationToken))
        {
            WaitNext(cancellationToken);
        }

        return Lease();
    }

    private static async Task<bool> WriteAsync(
        SqliteWriterLease turn, Func<DbConnection, DbTransaction, CancellationToken, Task> work,
        CancellationToken cancellationToken)
    {
        using (turn)
        {
            await using var transaction = turn.Connection.BeginTransaction(deferred: false);
            await work(turn.Connection, transaction, cancellationToken);
            await transaction.CommitAsync(CancellationToken.None);
            return true;
        }
    }

    public async Task<bool> ScrubAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < ScrubAttempts; attempt++)
        {
            using (var lease = await AcquireWriterAsync(cancellationToken))
            {
                await using var command = lease.Connection.CreateCommand();
                command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                if (await reader.ReadAsync(cancellationToken) && reader.GetInt64(0) == 0)
                {
                    return true;
                }
            }

            // A reader still sees an older state of the file.
            await Task.Delay(s_scrubPause, cancellationToken);
        }

        return false;
    }

    public ValueTask<DbConnection> OpenOwnerAsync(CancellationToken cancellationToken) => new(OpenWriter());

    public ProbityDb CreateContext()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Context(new SqliteConnection(_readerConnectionString), ownsConnection: true);
    }

    public ProbityDb CreateContext(DbConnection connection) => Context(connection, ownsConnection: false);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        await _turn.WaitAsync();
        _disposed = true;
        _writes.Dispose();
        _checkpointer?.Dispose();
        _writer?.Dispose();
        _writer = null;
        _turn.Release();
        using var pooled = new SqliteConnection(_readerConnectionString);
        SqliteConnection.ClearPool(pooled);
    }

    /// <summary>Ends a turn; a broken connection is closed and the next turn opens a new one.</summary>
    internal void Release(bool broken)
    {
        if (broken)
        {
            _writer?.Dispose();
            _writer = null;
        }

        try
        {
            _checkpointer?.Note(_writer);
        }
        finally
        {
            _turn.Release(); // Whatever happens: nobody could write again.
        }
    }

    // Whoever holds the gate is the next to get the turn.
    private void WaitNext(CancellationToken cancellationToken)
    {
        _gate.Wait(cancellationToken);
        try
        {
            _turn.Wait(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private SqliteWriterLease Lease()
    {
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _writer ??= OpenWriter();
            _checkpointer ??= new SqliteCheckpointer(OpenCheckpointing);
            return new SqliteWriterLease(this, _writer);
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    private SqliteConnection OpenCheckpointing()
    {
        var connection = new SqliteConnection(_writerConnectionString);
        try
        {
            connection.Open();
            Run(connection, CheckpointPragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SqliteConnection OpenWriter()
    {
        var connection = new SqliteConnection(_writerConnectionString);
        try
        {
            connection.Open();
            Run(connection, FilePragmas);
            Run(connection, WriterPragmas);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteProbityDb Context(DbConnection connection, bool ownsConnection)
    {
        var db = new SqliteProbityDb(s_options);
        db.Database.SetDbConnection(connection, ownsConnection);
        return db;
    }

    // The text is one of the constants above.
#pragma warning disable CA2100
    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
#pragma warning restore CA2100
}
