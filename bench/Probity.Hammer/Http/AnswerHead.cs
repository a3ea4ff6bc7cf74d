using System.Buffers.Text;

namespace Probity.Hammer.Http;

/// <summary>The status line and the headers of an answer, as far as they say where its body ends.</summary>
internal readonly record struct AnswerHead(int Status, int Bytes, long ContentLength, bool IsChunked, bool Closes)
{
    private const int StatusAt = 9; // after "HTTP/1.1 "

    /// <summary>Reads the head, or says that it is not all there yet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AnswerHead head)
    {
        head = default;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        if (!bytes.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(bytes[StatusAt..], out int status, out _))
        {
            throw new HammerException("The server did not answer in HTTP/1.1.");
        }

        head = new AnswerHead(status, end + 4, status == 204 ? 0 : -1, false, false);
        for (var lines = bytes[..(end + 2)]; !lines.IsEmpty;)
        {
            var stop = lines.IndexOf("\r\n"u8);
            head = head.With(lines[..stop]);
            lines = lines[(stop + 2)..];
        }

        return head.IsChunked || head.ContentLength >= 0
            ? true
            : throw new HammerException("The answer has neither Content-Length nor chunks.");
    }

    private AnswerHead With(ReadOnlySpan<byte> line)
    {
        if (Is(line, "content-length:"u8, out var value))
        {
            return Utf8Parser.TryParse(value, out long length, out _)
                ? this with { ContentLength = length }
                : throw new HammerException("Content-Length is not a number.");
        }

        if (Is(line, "transfer-encoding:"u8, out value))
        {
            return this with { IsChunked = value.SequenceEqual("chunked"u8) };
        }

        return Is(line, "connection:"u8, out value) ? this with { Closes = value.SequenceEqual("close"u8) } : this;
    }

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> lowerName, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length < lowerName.Length
            || !System.Text.Ascii.EqualsIgnoreCase(line[..lowerName.Length], lowerName))
        {
            return false;
        }

        value = line[lowerName.Length..].Trim((byte)' ');
        return true;
    }
}
