using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;
using Probity.Server.Hosting.Tables;

namespace Probity.Server.Customers.Import;

/// <summary>Reads the lines of an import, NDJSON or a table.</summary>
internal static class CustomerLines
{
    /// <summary>The longest line of NDJSON, in characters.</summary>
    public const int MaxLine = 64 * 1024;

    /// <summary>One JSON object a line; blank lines count and hold nothing.</summary>
    public static async IAsyncEnumerable<ImportLine> NdjsonAsync(
        Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new StreamReader(body, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
        var lines = new BoundedLines(text);
        for (long number = 1; await lines.NextAsync(cancellationToken) is { } line; number++)
        {
            if (line.IsTooLong)
            {
                yield return Refused(
                    number, ErrorCodes.RequestBodyTooLarge, $"The line has more than {MaxLine} characters.");
            }
            else if (line.Fault is { } fault)
            {
                yield return Refused(number, ErrorCodes.RequestMalformed, fault);
                yield break;
            }
            else if (!string.IsNullOrWhiteSpace(line.Text))
            {
                yield return Read(number, line.Text);
            }
        }
    }

    /// <summary>A table with a header, see <see cref="CustomerCsv"/>.</summary>
    /// <param name="name">What faults call it.</param>
    /// <param name="text">The table; read on the calling thread, so it is in memory or a local file.</param>
    public static async IAsyncEnumerable<ImportLine> CsvAsync(string name, TextReader text)
    {
        var (rows, fault) = Open(name, text);
        if (rows is null)
        {
            yield return new ImportLine(1, null, fault);
            yield break;
        }

        using (rows)
        {
            using var each = rows.Read().GetEnumerator();
            while (Next(each, out var row, out fault))
            {
                await Task.CompletedTask; // The lines of a table are there at once.
                yield return fault is null
                    ? Read(rows, row) : new ImportLine(row.Line, null, fault);
                if (fault is not null)
                {
                    yield break;
                }
            }
        }
    }

    private static ImportLine Read(CsvRows rows, CsvRow row)
    {
        try
        {
            return new ImportLine(row.Line, CustomerCsv.Read(rows, row));
        }
        catch (ProblemException refused)
        {
            return new ImportLine(row.Line, null, refused);
        }
    }

    private static (CsvRows? Rows, ProblemException? Fault) Open(string name, TextReader text)
    {
        try
        {
            var rows = CsvRows.Open(name, text, [.. CustomerCsv.Required]);
            var unknown = rows.Names.Except(CustomerCsv.Columns, StringComparer.OrdinalIgnoreCase).ToList();
            if (unknown.Count == 0)
            {
                return (rows, null);
            }

            rows.Dispose();
            return (null, new ProblemException(
                ErrorCodes.RequestMalformed,
                $"There is no column \"{unknown[0]}\"; the columns are {string.Join(", ", CustomerCsv.Columns)}."));
        }
        catch (ExpectedFaultException fault)
        {
            return (null, new ProblemException(ErrorCodes.RequestMalformed, fault.Message));
        }
    }

    private static bool Next(IEnumerator<CsvRow> rows, out CsvRow row, out ProblemException? fault)
    {
        (row, fault) = (default, null);
        try
        {
            if (!rows.MoveNext())
            {
                return false;
            }

            row = rows.Current;
        }
        catch (ExpectedFaultException broken)
        {
            fault = new ProblemException(ErrorCodes.RequestMalformed, broken.Message);
        }

        return true;
    }

    private static ImportLine Read(long number, string text)
    {
        try
        {
            return JsonSerializer.Deserialize<CustomerDocument>(text, CustomerSeal.Json) is { } document
                ? new ImportLine(number, document)
                : Refused(number, ErrorCodes.RequestMalformed, "The line is null.");
        }
        catch (JsonException fault)
        {
            return new ImportLine(number, null, new ProblemException(ErrorCodes.RequestBadField)
            {
                Faults =
                [
                    new(JsonPath.ToPointer(fault.Path ?? ""), ErrorCodes.RequestBadField.Code,
                        "The line is no JSON object of a customer: a member is missing, unknown or of another type."),
                ],
            });
        }
    }

    private static ImportLine Refused(long number, ErrorCode code, string text) =>
        new(number, null, new ProblemException(code, text));
}

/// <summary>A line, or why there is none.</summary>
internal sealed record BoundedLine(string Text, bool IsTooLong, string? Fault);

/// <summary>Cuts lines without ever holding more than one of bounded length.</summary>
internal sealed class BoundedLines(TextReader text)
{
    private readonly char[] _buffer = new char[16 * 1024];
    private readonly StringBuilder _line = new();
    private int _at;
    private int _end;

    /// <summary>The next line; null at the end.</summary>
    public async Task<BoundedLine?> NextAsync(CancellationToken cancellationToken)
    {
        _line.Clear();
        var isTooLong = false;
        while (true)
        {
            if (_at == _end)
            {
                try
                {
                    (_at, _end) = (0, await text.ReadAsync(_buffer, cancellationToken));
                }
                catch (DecoderFallbackException)
                {
                    return new BoundedLine("", false, "The text is not UTF-8.");
                }

                if (_end == 0)
                {
                    return _line.Length > 0 || isTooLong ? Line(isTooLong) : null;
                }
            }

            var rest = _buffer.AsSpan(_at, _end - _at);
            var end = rest.IndexOf('\n');
            var part = end < 0 ? rest : rest[..end];
            isTooLong |= _line.Length + part.Length > CustomerLines.MaxLine;
            if (!isTooLong)
            {
                _line.Append(part);
            }

            _at += part.Length + (end < 0 ? 0 : 1);
            if (end >= 0)
            {
                return Line(isTooLong);
            }
        }
    }

    private BoundedLine Line(bool isTooLong) => new(isTooLong ? "" : _line.ToString(), isTooLong, null);
}
