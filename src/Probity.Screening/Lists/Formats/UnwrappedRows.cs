using System.Diagnostics.CodeAnalysis;
using Probity.Screening.Lists.Reading;

namespace Probity.Screening.Lists.Formats;

/// <summary>Opens a semicolon table of which each line may have been wrapped in quotes and padded with tabs.</summary>
/// <remarks>A spreadsheet does that to a semicolon file opened as a comma file: quotes inside a line are
/// doubled.</remarks>
internal static class UnwrappedRows
{
    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "The reader owns it.")]
    public static TableReader Open(ListFile file, ListLimits limits)
    {
        var head = file.Inspect(limits).Head.AsSpan();
        head = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        var line = head[..Math.Max(head.IndexOf((byte)'\n'), 0)].TrimEnd("\r\t "u8);
        var isWrapped = line.Length > 2 && line[0] == '"' && line[^1] == '"' && line.Contains((byte)';')
            && line.Count((byte)'"') == 2;
        return isWrapped
            ? TableReader.Over(file, new Unwrapped(TableReader.Open(file, '\u0001', limits)), ';', limits)
            : TableReader.Open(file, ';', limits);
    }

    /// <summary>Gives the text of the one field of each outer row as a line.</summary>
    private sealed class Unwrapped(TableReader outer) : TextReader
    {
        private string _line = "";
        private int _at;

        public override int Peek() => Fill() ? _line[_at] : -1;

        public override int Read() => Fill() ? _line[_at++] : -1;

        public override int Read(char[] buffer, int index, int count)
        {
            if (!Fill())
            {
                return 0;
            }

            var taken = Math.Min(count, _line.Length - _at);
            _line.CopyTo(_at, buffer, index, taken);
            _at += taken;
            return taken;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                outer.Dispose();
            }

            base.Dispose(disposing);
        }

        private bool Fill()
        {
            if (_at == _line.Length)
            {
                _at = 0;
                _line = outer.Read() is { } row ? row[0].TrimEnd('\t', ' ') + "\n" : "";
            }

            return _at != _line.Length;
        }
    }
}
