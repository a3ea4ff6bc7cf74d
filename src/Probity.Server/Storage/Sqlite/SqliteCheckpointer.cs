using Microsoft.Data.Sqlite;

namespace Probity.Server.Storage.Sqlite;

/// <summary>
/// Brings what is in the WAL into the file beside the writer, on a thread and a connection of its own: it reads and
/// flushes tens of megabytes, for which a commit would wait. Committed is committed without it; the WAL only grows.
/// Decision record 0090.
/// </summary>
internal sealed class SqliteCheckpointer : IDisposable
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);

    /// <summary>So many commits are brought in after one rest, fewer after <see cref="MostRests"/>.</summary>
    private const int ManyCommits = 16;

    /// <summary>Pages a rest that only bulk writes: nobody waits for one commit of it, and a flush is dear.</summary>
    private const int BulkPages = 2_000;

    private const int MostRests = 5;

    /// <summary>
    /// Pages of a log that is to begin anew: half of those at which SQLite has the writer bring in what is left and
    /// flush the file itself, for which every commit would wait.
    /// </summary>
    private const int LongLog = 8_192;

    /// <summary>So few pages, and a file that was just flushed, keep the writer for a millisecond.</summary>
    private const int FewPages = 64;

    private const int MostPasses = 8;

    private readonly ManualResetEventSlim _stop = new();
    private readonly Func<SqliteConnection> _open;
    private readonly Thread _thread;
    private long _commits;
    private long _done; // Pages of the log that are in the file.
    private bool _isNear;

    /// <param name="open">Opens a connection that may write; the checkpointer closes it.</param>
    public SqliteCheckpointer(Func<SqliteConnection> open)
    {
        _open = open;
        _thread = new Thread(Run) { IsBackground = true, Name = "wal-checkpoint" };
        _thread.Start();
    }

    /// <summary>
    /// Says that there was a turn to write, which has not ended yet. When next to nothing is left to bring in the
    /// writer does that: only when nobody commits meanwhile does the log begin anew.
    /// </summary>
    /// <param name="writer">Its connection; null when it was closed.</param>
    public void Note(SqliteConnection? writer)
    {
        Interlocked.Increment(ref _commits);
        if (writer is null || !Volatile.Read(ref _isNear))
        {
            return;
        }

        Volatile.Write(ref _isNear, false);
        try
        {
            _ = Checkpoint(writer);
        }
        catch (SqliteException)
        {
            // What is committed stays so; the thread meets it too and tries again.
        }
    }

    /// <summary>Waits for a checkpoint that is under way.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        SqliteConnection? connection = null;
        var (seen, rests, isBulk) = (0L, 0, false);
        while (!_stop.Wait(s_rest))
        {
            var commits = Interlocked.Read(ref _commits);
            rests = commits == seen ? 0 : rests + 1;
            if (rests < MostRests && (isBulk || commits - seen < ManyCommits))
            {
                continue;
            }

            var bulk = BulkPages * rests;
            rests = 0;
            try
            {
                connection ??= _open();
                if (HasRoom(connection))
                {
                    var (pages, advanced) = Advance(connection);
                    (isBulk, seen) = (advanced > bulk, commits);
                    if (!isBulk)
                    {
                        Approach(connection, pages, advanced);
                    }
                }
            }
            catch (Exception e) when (e is SqliteException or IOException)
            {
                // A full disk, say: the writer meets it too and tells; here it is tried again.
                connection?.Dispose();
                connection = null;
            }
        }

        connection?.Dispose();
    }

    /// <summary>
    /// Brings in what came during the pass before until it is next to nothing. SQLite flushes the file only after a
    /// pass that nobody commits in: what a second of commits wrote takes the disk ten milliseconds, in which a commit
    /// waits, what came since the last rest a few.
    /// </summary>
    private void Approach(SqliteConnection connection, long pages, long advanced)
    {
        var (few, enough) = (0, pages >= LongLog ? 2 : 1);
        for (var pass = 0; pass < MostPasses && few < enough; pass++)
        {
            var before = advanced;
            (_, advanced) = Advance(connection);
            few = advanced <= FewPages ? few + 1 : 0;
            if (few == 0 && advanced > before / 2)
            {
                return; // More comes than is brought in.
            }
        }

        Volatile.Write(ref _isNear, few == enough && pages >= LongLog);
    }

    /// <summary>Brings in what is there; returns how many pages the log has and how many of them that were.</summary>
    private (long Pages, long Advanced) Advance(SqliteConnection connection)
    {
        var (pages, done) = Checkpoint(connection);
        var advanced = done < _done ? done : done - _done; // Fewer than before: the log has begun anew.
        _done = done;
        return (pages, advanced);
    }

    private static (long Pages, long Done) Checkpoint(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        command.CommandTimeout = 1; // So long it is tried again while its own connection still reads; all would wait.
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(1), reader.GetInt64(2)) : default;
    }

    // On a disk that is nearly full, a checkpoint that cannot end would take the room that the next commits need.
    private static bool HasRoom(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        var growth = (long)command.ExecuteScalar()! - new FileInfo(connection.DataSource).Length;
        try
        {
            return growth <= 0 || growth <= new DriveInfo(connection.DataSource).AvailableFreeSpace;
        }
        catch (ArgumentException)
        {
            return true; // A network share of Windows has no drive that could be asked.
        }
    }
}
