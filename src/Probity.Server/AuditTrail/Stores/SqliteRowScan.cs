using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Probity.Ledger.Verification;
using SQLitePCL;

namespace Probity.Server.AuditTrail.Stores;

/// <summary>
/// Reads entry rows where they lie, for an audit of the whole log: a connection and a statement of its own, used by one
/// thread at a time and so without SQLite's mutex, and SQLite's functions called directly. Through the library each of
/// the six calls of a row counts a handle up and down, which takes as long as SQLite needs for the row. Not thread
/// safe.
/// </summary>
internal sealed unsafe class SqliteRowScan : IDisposable
{
    private const string Pragmas =
        "PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA cache_size=-4096; PRAGMA mmap_size=268435456;";

    private const string Select = "select seq, hash, body from ledger_entry where seq >= ?1 and seq < ?2 order by seq";

    private static readonly delegate* unmanaged<nint, int> s_step;
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, int, long> s_int64;
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, int, byte*> s_blob;
    private static readonly delegate* unmanaged[SuppressGCTransition]<nint, int, int> s_bytes;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    static SqliteRowScan()
    {
        var provider = Assembly.Load("SQLitePCLRaw.provider.e_sqlite3");
        if (NativeLibrary.TryLoad("e_sqlite3", provider, null, out var library)
            && NativeLibrary.TryGetExport(library, "sqlite3_step", out var step)
            && NativeLibrary.TryGetExport(library, "sqlite3_column_int64", out var int64)
            && NativeLibrary.TryGetExport(library, "sqlite3_column_blob", out var blob)
            && NativeLibrary.TryGetExport(library, "sqlite3_column_bytes", out var bytes))
        {
            s_step = (delegate* unmanaged<nint, int>)step;
            s_int64 = (delegate* unmanaged[SuppressGCTransition]<nint, int, long>)int64;
            s_blob = (delegate* unmanaged[SuppressGCTransition]<nint, int, byte*>)blob;
            s_bytes = (delegate* unmanaged[SuppressGCTransition]<nint, int, int>)bytes;
            IsSupported = true;
        }
    }

    /// <param name="path">The database file.</param>
    /// <exception cref="SqliteException">It cannot be opened or read.</exception>
    public SqliteRowScan(string path)
    {
        Check(raw.sqlite3_open_v2(path, out _database, raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_NOMUTEX, null));
        Check(raw.sqlite3_exec(_database, Pragmas));
        Check(raw.sqlite3_prepare_v3(_database, Select, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Whether SQLite's functions were found.</summary>
    public static bool IsSupported { get; }

    /// <summary>Hands over the rows from one number up to but not including another, and counts them.</summary>
    /// <exception cref="SqliteException">The database cannot be read.</exception>
    public long Scan(long fromRow, long endRow, AuditedRowTaker take)
    {
        Check(raw.sqlite3_bind_int64(_statement, 1, fromRow));
        Check(raw.sqlite3_bind_int64(_statement, 2, endRow));
        var isHeld = false;
        try
        {
            _statement.DangerousAddRef(ref isHeld);
            return Step(_statement.DangerousGetHandle(), take);
        }
        finally
        {
            raw.sqlite3_reset(_statement); // Ends the read transaction.
            if (isHeld)
            {
                _statement.DangerousRelease();
            }
        }
    }

    public void Dispose()
    {
        _statement.Dispose();
        _database.Dispose();
    }

    private long Step(nint statement, AuditedRowTaker take)
    {
        for (var rows = 0L; ; rows++)
        {
            var code = s_step(statement);
            if (code != raw.SQLITE_ROW)
            {
                Check(code == raw.SQLITE_DONE ? raw.SQLITE_OK : code);
                return rows;
            }

            take(s_int64(statement, 0), Bytes(statement, 1), Bytes(statement, 2));
        }
    }

    /// <summary>A column, valid until the next step.</summary>
    private static ReadOnlySpan<byte> Bytes(nint statement, int column)
    {
        var at = s_blob(statement, column); // Before its length: SQLite wants them asked in this order.
        return new ReadOnlySpan<byte>(at, at is null ? 0 : s_bytes(statement, column));
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}
