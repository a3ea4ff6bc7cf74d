namespace Probity.Screening.Lists.Reading;

/// <summary>Reads a table by the names of its columns.</summary>
internal sealed class HeaderTable : IDisposable
{
    private readonly TableReader _rows;
    private readonly Dictionary<string, int> _columns = new(StringComparer.OrdinalIgnoreCase);
    private readonly int _width;
    private IReadOnlyList<string> _row = [];

    /// <summary>Opens a table whose next row is the header.</summary>
    /// <param name="rows">The rows; owned from here on.</param>
    /// <param name="required">Columns without which the file is refused.</param>
    /// <exception cref="ListFormatException">There is no header or it lacks a column.</exception>
    public HeaderTable(TableReader rows, params ReadOnlySpan<string> required)
    {
        _rows = rows;
        var header = rows.Read() ?? throw rows.Fault(null, "The file is empty.", "Download it again.");
        _width = header.Count;
        for (var at = 0; at < header.Count; at++)
        {
            // Of columns with one name (the EU file repeats Entity_logical_id) the first counts.
            _columns.TryAdd(header[at].Trim().Trim('\uFEFF'), at);
        }

        foreach (var name in required)
        {
            if (!_columns.ContainsKey(name))
            {
                throw rows.Fault(name, "The column is missing.",
                    "The format has changed or the file was edited: compare the header with the publisher's.");
            }
        }
    }

    /// <summary>Gets the line of the current row.</summary>
    public long Line => _rows.Line;

    /// <summary>Gets the current row's field of a column, trimmed; empty when the column or field is not
    /// there.</summary>
    public string this[string column] =>
        _columns.TryGetValue(column, out var at) && at < _row.Count ? _row[at].Trim() : "";

    /// <summary>Tells whether the table has the column.</summary>
    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="ListFormatException">The row has more fields than the header.</exception>
    public bool Next()
    {
        if (_rows.Read() is not { } row)
        {
            return false;
        }

        if (row.Count > _width && row.Skip(_width).Any(field => field.Trim().Length != 0))
        {
            throw Fault(null, $"The row has {row.Count} fields, the header {_width}.",
                "A quote or separator is missing: download the file again.");
        }

        if (row.Count < _width && _width - row.Count > _width / 2)
        {
            throw Fault(null, $"The row has {row.Count} fields, the header {_width}.",
                "The file is cut off or damaged: download it again.");
        }

        _row = row;
        return true;
    }

    /// <summary>Makes the refusal of the current row.</summary>
    public ListFormatException Fault(string? field, string problem, string remedy) =>
        _rows.Fault(field, problem, remedy);

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
