using Npgsql;
using NpgsqlTypes;
using Probity.Server.AuditTrail.Query.Segments;

namespace Probity.Server.AuditTrail.Query;

/// <summary>One PostgreSQL transaction on the index.</summary>
/// <param name="connection">Used by this session alone; closed at the end.</param>
/// <param name="transaction">Rolled back at the end unless committed.</param>
/// <param name="locksCursor">Whether reading the cursor takes its row lock.</param>
internal sealed class PostgresSegmentSession(
    NpgsqlConnection connection, NpgsqlTransaction transaction, bool locksCursor) : ISegmentSession
{
    private const string PagesOf = """
        SELECT s.n, t.n, p.body
        FROM unnest($1) WITH ORDINALITY AS s(id, n)
        CROSS JOIN unnest($2) WITH ORDINALITY AS t(term, n)
        CROSS JOIN LATERAL (
            SELECT body FROM probity_search.page WHERE segment = s.id AND first_term <= t.term
            ORDER BY first_term DESC LIMIT 1) AS p
        """;

    private const string PagesBetween = """
        SELECT body FROM probity_search.page
        WHERE segment = $1 AND first_term <= $3 AND first_term >= coalesce(
            (SELECT first_term FROM probity_search.page WHERE segment = $1 AND first_term <= $2
             ORDER BY first_term DESC LIMIT 1), '')
        ORDER BY first_term
        """;

    private const string Segments = """
        SELECT id, from_seq, to_seq, min_recorded, max_recorded, min_occurred, max_occurred
        FROM probity_search.segment ORDER BY id DESC LIMIT $1
        """;

    private const string Delete = """
        WITH pages AS (DELETE FROM probity_search.page WHERE segment = ANY ($1)),
             times AS (DELETE FROM probity_search.times WHERE segment = ANY ($1))
        DELETE FROM probity_search.segment WHERE id = ANY ($1)
        """;

    public async ValueTask<SegmentCursor> ReadCursorAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(locksCursor
            ? "SELECT next_seq, next_segment FROM probity_search.cursor FOR UPDATE"
            : "SELECT next_seq, next_segment FROM probity_search.cursor");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SegmentCursor(reader.GetInt64(0), reader.GetInt64(1));
    }

    public async ValueTask<List<Segment>> ReadSegmentsAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(Segments, (long)limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var segments = new List<Segment>();
        while (await reader.ReadAsync(cancellationToken))
        {
            segments.Add(new Segment(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.GetInt64(5), reader.GetInt64(6)));
        }

        segments.Reverse();
        return segments;
    }

    public async ValueTask<byte[]?[]> FindPagesAsync(
        IReadOnlyList<Segment> segments, IReadOnlyList<byte[]> terms, CancellationToken cancellationToken)
    {
        var pages = new byte[]?[segments.Count * terms.Count];
        long[] ids = [.. segments.Select(segment => segment.Id)];
        await using var command = Command(PagesOf, ids, terms.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var at = ((reader.GetInt64(0) - 1) * terms.Count) + reader.GetInt64(1) - 1;
            pages[at] = await reader.GetFieldValueAsync<byte[]>(2, cancellationToken);
        }

        return pages;
    }

    public async ValueTask<List<byte[]>> ReadPagesAsync(
        Segment segment, byte[] fromTerm, byte[] toTerm, CancellationToken cancellationToken)
    {
        await using var command = Command(PagesBetween, segment.Id, fromTerm, toTerm);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bodies = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            bodies.Add(await reader.GetFieldValueAsync<byte[]>(0, cancellationToken));
        }

        return bodies;
    }

    public async ValueTask<byte[]> ReadTimesAsync(Segment segment, CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT times FROM probity_search.times WHERE segment = $1", segment.Id);
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken)
            ?? throw new InvalidDataException($"Segment {segment.Id} has no times; drop the index to rebuild it.");
    }

    public async ValueTask<SegmentImage> ReadImageAsync(Segment segment, CancellationToken cancellationToken)
    {
        var times = await ReadTimesAsync(segment, cancellationToken);
        await using var command = Command(
            "SELECT first_term, body FROM probity_search.page WHERE segment = $1 ORDER BY first_term", segment.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var pages = new List<SegmentPage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            pages.Add(new SegmentPage(await reader.GetFieldValueAsync<byte[]>(0, cancellationToken), await reader.GetFieldValueAsync<byte[]>(1, cancellationToken)));
        }

        return new SegmentImage(segment, times, pages);
    }

    public async ValueTask InsertAsync(SegmentImage image, CancellationToken cancellationToken)
    {
        var head = image.Head;
        await ExecuteAsync(
            "INSERT INTO probity_search.segment VALUES ($1, $2, $3, $4, $5, $6, $7)",
            cancellationToken,
            head.Id, head.From, head.To, head.MinRecorded, head.MaxRecorded, head.MinOccurred, head.MaxOccurred);
        await ExecuteAsync(
            "INSERT INTO probity_search.times VALUES ($1, $2)", cancellationToken, head.Id, image.Times);
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY probity_search.page (segment, first_term, body) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var page in image.Pages)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(head.Id, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(page.FirstTerm, NpgsqlDbType.Bytea, cancellationToken);
            await copy.WriteAsync(page.Body, NpgsqlDbType.Bytea, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    public async ValueTask DeleteAsync(IReadOnlyList<Segment> segments, CancellationToken cancellationToken) =>
        await ExecuteAsync(Delete, cancellationToken, [segments.Select(segment => segment.Id).ToArray()]);

    public async ValueTask DropAsync(CancellationToken cancellationToken) => await ExecuteAsync(
        "DELETE FROM probity_search.page; DELETE FROM probity_search.times; DELETE FROM probity_search.segment",
        cancellationToken);

    public async ValueTask CommitAsync(SegmentCursor cursor)
    {
        await ExecuteAsync(
            "UPDATE probity_search.cursor SET next_seq = $1, next_segment = $2",
            CancellationToken.None,
            cursor.NextSeq, cursor.NextSegment);
        await transaction.CommitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async ValueTask ExecuteAsync(
        string constantSql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(constantSql, values);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string constantSql, params object[] values)
    {
#pragma warning disable CA2100 // Every caller is in this file and passes a constant.
        var command = new NpgsqlCommand(constantSql, connection, transaction);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
