using Microsoft.Data.Sqlite;

namespace Probity.Server.Storage.Sqlite;

/// <summary>The turn to write: dispose it to let the next one in. Not thread safe.</summary>
internal sealed class SqliteWriterLease(SqliteDatabase database, SqliteConnection connection) : IDisposable
{
    private bool _released;
    private bool _broken;

    /// <summary>The writing connection, open and outside a transaction.</summary>
    public SqliteConnection Connection => connection;

    /// <summary>
    /// Says that the connection cannot be trusted any more (an I/O error, a full disk): it is closed when the lease
    /// ends, which also rolls back what was open.
    /// </summary>
    public void MarkBroken() => _broken = true;

    public void Dispose()
    {
        if (!_released)
        {
            _released = true;
            database.Release(_broken);
        }
    }
}
