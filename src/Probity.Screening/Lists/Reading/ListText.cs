using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Probity.Screening.Lists.Reading;

/// <summary>Opens a list file as text in the one encoding it is found to be in.</summary>
internal static class ListText
{
    // Windows-1252 for 0x80..0x9F; U+FFFD where it has no character (WHATWG Encoding, index windows-1252, less the
    // five controls that the web maps to themselves).
    private const string Upper =
        "\u20AC\uFFFD\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\uFFFD\u017D\uFFFD"
        + "\uFFFD\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\uFFFD\u017E\u0178";

    private static readonly UTF8Encoding s_utf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Opens a file that must be UTF-8, as all XML and JSON lists are.</summary>
    /// <exception cref="ListFormatException">The bytes are not UTF-8.</exception>
    public static TextReader Utf8(ListFile file, ListLimits limits)
    {
        if (file.Inspect(limits).FirstBadLine is { } line)
        {
            throw Fault(file, line, "The bytes are not UTF-8: the file was re-saved in another encoding.");
        }

        return Skip(new StreamReader(file.OpenContent(limits), s_utf8, detectEncodingFromByteOrderMarks: false));
    }

    /// <summary>Opens a table that is UTF-8, or else Windows-1252, the other encoding in which tables are
    /// published.</summary>
    /// <exception cref="ListFormatException">The bytes are neither.</exception>
    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "The reader owns it.")]
    public static TextReader Table(ListFile file, ListLimits limits)
    {
        var facts = file.Inspect(limits);
        if (facts.Head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            throw Fault(file, 1, "The file is UTF-16.");
        }

        return facts.FirstBadLine is null ? Utf8(file, limits) : new Windows1252Reader(file, file.OpenContent(limits));
    }

    private static StreamReader Skip(StreamReader reader)
    {
        if (reader.Peek() == '\uFEFF')
        {
            reader.Read();
        }

        return reader;
    }

    private static ListFormatException Fault(ListFile file, long line, string problem) =>
        new(new ListFault(ListFaultKind.Encoding, file.Name, line, null, problem,
            "Download the publisher's own file again and do not open and save it in between."));

    private sealed class Windows1252Reader(ListFile file, Stream stream) : TextReader
    {
        private readonly byte[] _buffer = new byte[32 * 1024];
        private int _at;
        private int _end;
        private long _line = 1;

        public override int Peek() => Fill() ? Character(_buffer[_at]) : -1;

        public override int Read()
        {
            if (!Fill())
            {
                return -1;
            }

            var value = Character(_buffer[_at++]);
            _line += value == '\n' ? 1 : 0;
            return value;
        }

        public override int Read(char[] buffer, int index, int count)
        {
            var done = 0;
            for (int value; done < count && (value = Read()) >= 0; done++)
            {
                buffer[index + done] = (char)value;
            }

            return done;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }

        private bool Fill()
        {
            if (_at == _end)
            {
                (_at, _end) = (0, stream.Read(_buffer));
            }

            return _at != _end;
        }

        private char Character(byte value)
        {
            var character = value is >= 0x80 and <= 0x9F ? Upper[value - 0x80] : (char)value;
            return character == '\uFFFD'
                ? throw Fault(file, _line, $"The byte 0x{value:X2} is neither UTF-8 nor Windows-1252.")
                : character;
        }
    }
}
