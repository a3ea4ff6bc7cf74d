using Microsoft.Data.Sqlite;
using Probity.Server.AuditTrail.Query.Segments;

#pragma warning disable VSTHRD103 // SQLite has no asynchronous I/O: its Async methods run on the caller as well.

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// The search index in a SQLite file of its own. The file is derived data: commits are not flushed
/// (synchronous=NORMAL) and the cursor lives beside the rows, so what a power cut takes is indexed again; a file that
/// is damaged or of another format is replaced by an empty one.
/// </summary>
internal sealed class SqliteSearchIndex : SegmentedSearchIndex, IDisposable
{
    private const long FormatVersion = 1;
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS search_cursor(
            id INTEGER PRIMARY KEY CHECK (id = 1), next_seq INTEGER NOT NULL, next_segment INTEGER NOT NULL);
        INSERT OR IGNORE INTO search_cursor VALUES (1, 0, 0);
        CREATE TABLE IF NOT EXISTS search_segment(
            id INTEGER PRIMARY KEY, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
            min_recorded INTEGER NOT NULL, max_recorded INTEGER NOT NULL,
            min_occurred INTEGER NOT NULL, max_occurred INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS search_times(segment INTEGER PRIMARY KEY, times BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS search_page(
            segment INTEGER NOT NULL, first_term BLOB NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (segment, first_term)) WITHOUT ROWID;
        PRAGMA user_version = 1;
        """;

    private readonly string _connectionString;
    private readonly SqliteConnection _writer;
    private readonly SemaphoreSlim _writing = new(1);

    /// <param name="path">The file; made when missing.</param>
    /// <param name="tokens">The blind index of words.</param>
    public SqliteSearchIndex(string path, TextTokens tokens)
        : base(tokens)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
        _writer = OpenOrReplace(path);
    }

    public void Dispose()
    {
        _writer.Dispose();
        using var pool = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(pool);
        _writing.Dispose();
    }

    protected override ValueTask<ISegmentSession> BeginReadAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return ValueTask.FromResult<ISegmentSession>(
            new SqliteSegmentSession(connection, connection.BeginTransaction(deferred: true), connection));
    }

    protected override async ValueTask<ISegmentSession> BeginWriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return new SqliteSegmentSession(_writer, _writer.BeginTransaction(), new Release(_writing));
        }
        catch
        {
            _writing.Release();
            throw;
        }
    }

    private SqliteConnection OpenOrReplace(string path)
    {
        try
        {
            var connection = Open();
            if (ReadVersion(connection) is 0 or FormatVersion)
            {
                return Prepare(connection);
            }

            connection.Dispose();
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode is SqliteCorrupt or SqliteNotADatabase)
        {
            // Derived data: the follower fills the new file from the ledger.
        }

        using (var pool = new SqliteConnection(_connectionString))
        {
            SqliteConnection.ClearPool(pool);
        }

        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(path + suffix);
        }

        return Prepare(Open());
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private static long ReadVersion(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private static SqliteConnection Prepare(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000";
        command.ExecuteNonQuery();
        command.CommandText = Schema;
        command.ExecuteNonQuery();
        return connection;
    }

    private sealed class Release(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
