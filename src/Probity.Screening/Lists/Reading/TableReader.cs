using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Probity.Screening.Lists.Reading;

/// <summary>Reads rows of delimited text (RFC 4180, other separators allowed), bounded, with line numbers.</summary>
/// <remarks>
/// A quoted field may hold separators, line breaks and doubled quotes. A quote inside an unquoted field is kept as it
/// is, as OFAC's re-saved files have it. The DOS end-of-file byte 0x1A is
/// skipped: in files put together from two it stands in the middle. Not thread safe.
/// </remarks>
internal sealed class TableReader(ListFile file, TextReader text, char separator, ListLimits limits) : IDisposable
{
    private const char EndOfFile = '\u001A';

    private readonly StringBuilder _field = new();
    private readonly List<string> _row = [];
    private readonly char[] _buffer = new char[16 * 1024];
    private int _at;
    private int _end;
    private bool _isPeeked;

    /// <summary>Gets the line on which the last row began, from 1.</summary>
    public long Line { get; private set; }

    private long NextLine { get; set; } = 1;

    /// <summary>Opens a file that is UTF-8 or Windows-1252.</summary>
    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "The reader owns it.")]
    public static TableReader Open(ListFile file, char separator, ListLimits limits) =>
        new(file, ListText.Table(file, limits), separator, limits);

    /// <summary>Reads text made of a file; the text is owned from here on.</summary>
    public static TableReader Over(ListFile file, TextReader text, char separator, ListLimits limits) =>
        new(file, text, separator, limits);

    /// <summary>Reads the next row without moving on; null at the end.</summary>
    public IReadOnlyList<string>? PeekRow()
    {
        if (!_isPeeked)
        {
            var row = Read();
            _isPeeked = row is not null;
        }

        return _isPeeked ? _row : null;
    }

    /// <summary>Reads the next row that is not blank, or null at the end.</summary>
    /// <returns>The fields; the list is reused by the next call.</returns>
    public IReadOnlyList<string>? Read()
    {
        if (_isPeeked)
        {
            _isPeeked = false;
            return _row;
        }

        while (Peek() is not -1)
        {
            if (Peek() == EndOfFile)
            {
                _at++;
                continue;
            }

            ReadRow();
            if (_row.Exists(field => field.Length != 0))
            {
                return _row;
            }
        }

        return null;
    }

    /// <summary>Makes the refusal of the row last read.</summary>
    public ListFormatException Fault(string? field, string problem, string remedy) =>
        new(new ListFault(ListFaultKind.Structure, file.Name, Line, field, problem, remedy));

    /// <inheritdoc/>
    public void Dispose() => text.Dispose();

    private void ReadRow()
    {
        Line = NextLine;
        _row.Clear();
        do
        {
            ReadField();
            if (_row.Count > limits.RowFields)
            {
                throw TooLarge($"The row has more than {limits.RowFields} fields.");
            }
        }
        while (TakeSeparator());
    }

    private bool TakeSeparator()
    {
        var next = Peek();
        if (next == separator)
        {
            _at++;
            return true;
        }

        // Whatever ended the field is a line break or the end of the file.
        if (next == '\r')
        {
            _at++;
            next = Peek();
        }

        if (next == '\n')
        {
            _at++;
        }

        NextLine++;
        return false;
    }

    private void ReadField()
    {
        _field.Clear();
        if (Peek() == '"')
        {
            ReadQuoted();
        }

        for (int next; (next = Peek()) >= 0 && next != separator && next is not ('\r' or '\n' or EndOfFile);)
        {
            Take();
        }

        _row.Add(_field.ToString());
    }

    private void ReadQuoted()
    {
        _at++;
        while (true)
        {
            var next = Peek();
            if (next < 0)
            {
                throw new ListFormatException(new ListFault(ListFaultKind.Truncated, file.Name, Line, null,
                    "A quoted field does not end.", "The file is cut off or damaged: download it again."));
            }

            if (next == '"')
            {
                _at++;
                if (Peek() != '"')
                {
                    return;
                }
            }

            NextLine += next == '\n' ? 1 : 0;
            Take();
        }
    }

    private void Take()
    {
        _field.Append(_buffer[_at++]);
        if (_field.Length > limits.FieldChars)
        {
            throw TooLarge($"A field has more than {limits.FieldChars} characters.");
        }
    }

    private int Peek()
    {
        if (_at == _end)
        {
            (_at, _end) = (0, text.Read(_buffer, 0, _buffer.Length));
        }

        return _at == _end ? -1 : _buffer[_at];
    }

    private ListFormatException TooLarge(string problem) =>
        new(new ListFault(ListFaultKind.TooLarge, file.Name, Line, null, problem,
            "A quote may be missing or the file damaged: download it again."));
}
