using System.Globalization;
using System.Text;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Hosting.Tables;

/// <summary>Writes a table beside its place and moves it there when it is complete: half a result is never
/// seen.</summary>
internal sealed class CsvOutput : IDisposable
{
    private readonly string _path;
    private readonly string _part;
    private readonly StreamWriter _text;

    /// <summary>Begins a table.</summary>
    /// <exception cref="ExpectedFaultException">The folder cannot be written to.</exception>
    public CsvOutput(string path, params ReadOnlySpan<string> header)
    {
        _path = path;
        _part = path + ".part";
        try
        {
            _text = new StreamWriter(_part, false, new UTF8Encoding(false)) { NewLine = "\n" };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException($"{path} cannot be written: {fault.Message}",
                "Name a file in a folder that exists.", cause: fault);
        }

        Write(header);
    }

    /// <summary>Writes a row.</summary>
    public void Write(params ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            _text.Write(i == 0 ? "" : ",");
            _text.Write(Quoted(cells[i]));
        }

        _text.WriteLine();
    }

    /// <summary>Writes a score of ten-thousandths as a number from 0 to 1.</summary>
    public static string Score(int score) => (score / 10000m).ToString("0.0000", CultureInfo.InvariantCulture);

    /// <summary>Puts the complete table in its place.</summary>
    public void Complete()
    {
        _text.Dispose();
        File.Move(_part, _path, overwrite: true);
    }

    public void Dispose()
    {
        _text.Dispose();
        File.Delete(_part);
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny("\",\r\n") < 0 ? cell : '"' + cell.Replace("\"", "\"\"",
            StringComparison.Ordinal) + '"';
}
