using System.Text;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Hosting.Tables;

/// <summary>One row of a table with a header.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Cells">The fields.</param>
internal readonly record struct CsvRow(long Line, string[] Cells);

/// <summary>
/// Reads a table with a header (RFC 4180; comma, semicolon or tab by the header; UTF-8 with or without a byte order
/// mark; <c>.gz</c> unpacked). Columns are found by name in any order; unknown ones are left alone.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    /// <summary>The most characters of one field.</summary>
    public const int MaxField = 65_536;

    private readonly string _path;
    private readonly TextReader _text;
    private readonly Dictionary<string, int> _columns = new(StringComparer.OrdinalIgnoreCase);
    private readonly char _separator;
    private long _line = 1;

    private static readonly char[] s_separators = [',', ';', '\t'];

    private CsvRows(string path, TextReader text)
    {
        _path = path;
        _text = text;
        var header = text.ReadLine() ?? throw Fault(1, "the file is empty",
            "Write a header line with the column names first.");
        _line++;
        _separator = s_separators.MaxBy(separator => header.Count(letter => letter == separator));
        using var names = new StringReader(header);
        var cells = ReadCells(names) ?? [];
        for (var i = 0; i < cells.Count; i++)
        {
            _columns.TryAdd(cells[i].Trim().TrimStart('\ufeff').Trim('"').Replace(' ', '_'), i);
        }
    }

    /// <summary>Opens a table.</summary>
    /// <exception cref="ExpectedFaultException">It cannot be read, is empty, or lacks a column.</exception>
    public static CsvRows Open(string path, params ReadOnlySpan<string> required)
    {
        return Open(path, Text(path), required);
    }

    /// <summary>Opens a table that is there as text already.</summary>
    /// <param name="name">What faults call it.</param>
    /// <param name="text">The text, owned from here on.</param>
    /// <param name="required">Columns the header must have.</param>
    /// <exception cref="ExpectedFaultException">It is empty, or lacks a column.</exception>
    public static CsvRows Open(string name, TextReader text, params ReadOnlySpan<string> required)
    {
        var rows = new CsvRows(name, text);
        foreach (var column in required)
        {
            if (!rows._columns.ContainsKey(column))
            {
                rows.Dispose();
                throw rows.Fault(1, $"there is no column \"{column}\"",
                    $"The header must name: {string.Join(", ", required.ToArray())}.");
            }
        }

        return rows;
    }

    /// <summary>Gets the names of the columns, as the header writes them.</summary>
    public IReadOnlyCollection<string> Names => _columns.Keys;

    /// <summary>Tells whether the header has a column.</summary>
    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Gets the trimmed field of a column; "" where the row or the header lacks it.</summary>
    public string Cell(CsvRow row, string column) =>
        _columns.TryGetValue(column, out var at) && at < row.Cells.Length ? row.Cells[at].Trim() : "";

    /// <summary>Reads the rows that are not blank.</summary>
    public IEnumerable<CsvRow> Read()
    {
        while (true)
        {
            var line = _line;
            if (ReadCells(_text) is not { } cells)
            {
                yield break;
            }

            if (cells.Count > 1 || cells[0].Trim().Length != 0)
            {
                yield return new CsvRow(line, [.. cells]);
            }
        }
    }

    /// <summary>Makes a fault that names the file and the line.</summary>
    public ExpectedFaultException Fault(long line, string problem, string fix) =>
        new(FormattableString.Invariant($"{_path} line {line}: {problem}."), fix);

    public void Dispose() => _text.Dispose();

    private static StreamReader Text(string path)
    {
        try
        {
            Stream stream = File.OpenRead(path);
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                stream = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress);
            }

            return new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException($"{path} cannot be read: {fault.Message}",
                "Correct the path or the rights of the file.", cause: fault);
        }
    }

    private List<string>? ReadCells(TextReader text)
    {
        if (text.Peek() < 0)
        {
            return null;
        }

        var start = _line;
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (isQuoted, wasQuoted) = (false, false);
        while (true)
        {
            var next = ReadLetter(text);
            if (next < 0)
            {
                return isQuoted ? throw Fault(start, "a quoted field does not end",
                    "Close the quotation mark.") : Finish();
            }

            var letter = (char)next;
            if (cell.Length > MaxField)
            {
                throw Fault(start, $"a field is longer than {MaxField} characters",
                    "Shorten it, or close a quotation mark before it.");
            }

            if (isQuoted)
            {
                if (letter != '"')
                {
                    cell.Append(letter);
                }
                else if (text.Peek() == '"')
                {
                    text.Read();
                    cell.Append('"');
                }
                else
                {
                    isQuoted = false;
                }
            }
            else if (letter == '"' && cell.Length == 0 && !wasQuoted)
            {
                (isQuoted, wasQuoted) = (true, true);
            }
            else if (letter == _separator)
            {
                cells.Add(cell.ToString());
                cell.Clear();
                wasQuoted = false;
            }
            else if (letter == '\n')
            {
                return Finish();
            }
            else if (letter != '\r')
            {
                cell.Append(letter);
            }
        }

        List<string> Finish()
        {
            cells.Add(cell.ToString());
            return cells;
        }
    }

    private int ReadLetter(TextReader text)
    {
        try
        {
            var letter = text.Read();
            _line += letter == '\n' ? 1 : 0;
            return letter;
        }
        catch (DecoderFallbackException fault)
        {
            throw new ExpectedFaultException(
                FormattableString.Invariant($"{_path} line {_line}: the text is not UTF-8."),
                    "Save the file as UTF-8.", cause: fault);
        }
    }
}
