using Microsoft.Data.Sqlite;

namespace Probity.Server.Storage.Sqlite;

/// <summary>
/// Brings what is in the WAL into the file beside the writer, on a thread and a connection of its own: it reads and
/// flushes tens of megabytes, for which a commit would wait. Committed is committed without it; the WAL only grows.
/// </summary>
internal sealed class SqliteCheckpointer : IDisposable
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);

    /// <summary>So many commits are brought in after one rest, fewer after <see cref="MostRests"/>.</summary>
    private const int ManyCommits = 16;

    /// <summary>Pages a rest that only bulk writes: nobody waits for one commit of it, and a flush is dear.</summary>
    private const int BulkPages = 800;

    private const int MostRests = 5;

    private readonly ManualResetEventSlim _stop = new();
    private readonly Func<SqliteConnection> _open;
    private readonly Thread _thread;
    private long _commits;
    private long _done; // Pages of the log that are in the file.

    /// <param name="open">Opens a connection that may write; the checkpointer closes it.</param>
    public SqliteCheckpointer(Func<SqliteConnection> open)
    {
        _open = open;
        _thread = new Thread(Run) { IsBackground = true, Name = "wal-checkpoint" };
        _thread.Start();
    }

    /// <summary>Says that there was a turn to write.</summary>
    public void Note() => Interlocked.Increment(ref _commits);

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
                    isBulk = Advance(connection) > bulk;
                    seen = commits;
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

    /// <summary>Brings in what is there; returns how many pages of the log that were.</summary>
    private long Advance(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var reader = command.ExecuteReader();
        var done = reader.Read() ? reader.GetInt64(2) : 0;
        var advanced = done < _done ? done : done - _done; // Fewer than before: the log has begun anew.
        _done = done;
        return advanced;
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
