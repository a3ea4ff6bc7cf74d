using Microsoft.Data.Sqlite;
using Probity.Server.AuditTrail.Query.Segments;

#pragma warning disable VSTHRD103 // SQLite has no asynchronous I/O: its Async methods run on the caller as well.

namespace Probity.Server.AuditTrail.Query;

/// <summary>One SQLite transaction on the index. Calls return when done: SQLite has no asynchronous reads.</summary>
/// <param name="connection">Used by this session alone.</param>
/// <param name="transaction">Rolled back at the end unless committed.</param>
/// <param name="owned">Disposed last: the connection of a reader, the turn of a writer.</param>
internal sealed class SqliteSegmentSession(
    SqliteConnection connection, SqliteTransaction transaction, IDisposable owned) : ISegmentSession
{
    private const string PageOf = """
        SELECT body FROM search_page WHERE segment = @segment AND first_term <= @term
        ORDER BY first_term DESC LIMIT 1
        """;

    private const string PagesBetween = """
        SELECT body FROM search_page
        WHERE segment = @segment AND first_term <= @to AND first_term >= coalesce(
            (SELECT max(first_term) FROM search_page WHERE segment = @segment AND first_term <= @from), x'')
        ORDER BY first_term
        """;

    public ValueTask<SegmentCursor> ReadCursorAsync(CancellationToken cancellationToken)
    {
        using var command = Command("SELECT next_seq, next_segment FROM search_cursor");
        using var reader = command.ExecuteReader();
        reader.Read();
        return ValueTask.FromResult(new SegmentCursor(reader.GetInt64(0), reader.GetInt64(1)));
    }

    public ValueTask<List<Segment>> ReadSegmentsAsync(int limit, CancellationToken cancellationToken)
    {
        using var command = Command("""
            SELECT id, from_seq, to_seq, min_recorded, max_recorded, min_occurred, max_occurred
            FROM search_segment ORDER BY id DESC LIMIT @limit
            """);
        command.Parameters.AddWithValue("@limit", limit);
        using var reader = command.ExecuteReader();
        var segments = new List<Segment>();
        while (reader.Read())
        {
            segments.Add(new Segment(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetInt64(5), reader.GetInt64(6)));
        }

        segments.Reverse();
        return ValueTask.FromResult(segments);
    }

    public ValueTask<byte[]?[]> FindPagesAsync(
        IReadOnlyList<Segment> segments, IReadOnlyList<byte[]> terms, CancellationToken cancellationToken)
    {
        var pages = new byte[]?[segments.Count * terms.Count];
        using var command = Command(PageOf);
        var segment = command.Parameters.Add("@segment", SqliteType.Integer);
        var term = command.Parameters.Add("@term", SqliteType.Blob);
        for (var i = 0; i < pages.Length; i++)
        {
            segment.Value = segments[i / terms.Count].Id;
            term.Value = terms[i % terms.Count];
            pages[i] = (byte[]?)command.ExecuteScalar();
        }

        return ValueTask.FromResult(pages);
    }

    public ValueTask<List<byte[]>> ReadPagesAsync(
        Segment segment, byte[] fromTerm, byte[] toTerm, CancellationToken cancellationToken)
    {
        using var command = Command(PagesBetween);
        command.Parameters.AddWithValue("@segment", segment.Id);
        command.Parameters.AddWithValue("@from", fromTerm);
        command.Parameters.AddWithValue("@to", toTerm);
        using var reader = command.ExecuteReader();
        var bodies = new List<byte[]>();
        while (reader.Read())
        {
            bodies.Add(reader.GetFieldValue<byte[]>(0));
        }

        return ValueTask.FromResult(bodies);
    }

    public ValueTask<byte[]> ReadTimesAsync(Segment segment, CancellationToken cancellationToken)
    {
        using var command = Command("SELECT times FROM search_times WHERE segment = @segment");
        command.Parameters.AddWithValue("@segment", segment.Id);
        return ValueTask.FromResult((byte[]?)command.ExecuteScalar()
            ?? throw new InvalidDataException($"Segment {segment.Id} has no times; drop the index to rebuild it."));
    }

    public async ValueTask<SegmentImage> ReadImageAsync(Segment segment, CancellationToken cancellationToken)
    {
        var times = await ReadTimesAsync(segment, cancellationToken);
        using var command = Command("SELECT first_term, body FROM search_page WHERE segment = @segment ORDER BY first_term");
        command.Parameters.AddWithValue("@segment", segment.Id);
        using var reader = command.ExecuteReader();
        var pages = new List<SegmentPage>();
        while (reader.Read())
        {
            pages.Add(new SegmentPage(reader.GetFieldValue<byte[]>(0), reader.GetFieldValue<byte[]>(1)));
        }

        return new SegmentImage(segment, times, pages);
    }

    public ValueTask InsertAsync(SegmentImage image, CancellationToken cancellationToken)
    {
        var head = image.Head;
        Execute(
            "INSERT INTO search_segment VALUES (@0, @1, @2, @3, @4, @5, @6)",
            head.Id, head.From, head.To, head.MinRecorded, head.MaxRecorded, head.MinOccurred, head.MaxOccurred);
        Execute("INSERT INTO search_times VALUES (@0, @1)", head.Id, image.Times);
        using var command = Command("INSERT INTO search_page VALUES (@segment, @term, @body)");
        command.Parameters.AddWithValue("@segment", head.Id);
        var term = command.Parameters.Add("@term", SqliteType.Blob);
        var body = command.Parameters.Add("@body", SqliteType.Blob);
        foreach (var page in image.Pages)
        {
            term.Value = page.FirstTerm;
            body.Value = page.Body;
            command.ExecuteNonQuery();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DeleteAsync(IReadOnlyList<Segment> segments, CancellationToken cancellationToken)
    {
        foreach (var segment in segments)
        {
            Execute("DELETE FROM search_page WHERE segment = @0", segment.Id);
            Execute("DELETE FROM search_times WHERE segment = @0", segment.Id);
            Execute("DELETE FROM search_segment WHERE id = @0", segment.Id);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DropAsync(CancellationToken cancellationToken)
    {
        Execute("DELETE FROM search_page");
        Execute("DELETE FROM search_times");
        Execute("DELETE FROM search_segment");
        return ValueTask.CompletedTask;
    }

    public ValueTask CommitAsync(SegmentCursor cursor)
    {
        Execute("UPDATE search_cursor SET next_seq = @0, next_segment = @1", cursor.NextSeq, cursor.NextSegment);
        transaction.Commit();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        transaction.Dispose();
        owned.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Execute(string constantSql, params ReadOnlySpan<object> values)
    {
        using var command = Command(constantSql);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"@{i}", values[i]);
        }

        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string constantSql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every caller is in this file and passes a constant.
        command.CommandText = constantSql;
#pragma warning restore CA2100
        return command;
    }
}
