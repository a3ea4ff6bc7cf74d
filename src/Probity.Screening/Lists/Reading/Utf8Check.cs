using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Probity.Screening.Lists.Reading;

/// <summary>Finds the first line of a byte stream that is not UTF-8 (RFC 3629).</summary>
internal sealed class Utf8Check
{
    private readonly byte[] _tail = new byte[4];
    private int _tailLength;
    private long _line = 1;
    private long? _badLine;

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_badLine is not null)
        {
            return;
        }

        // Bytes that a character left over from the block before are put together with the new ones first.
        while (_tailLength != 0 && !bytes.IsEmpty)
        {
            _tail[_tailLength++] = bytes[0];
            bytes = bytes[1..];
            var status = Rune.DecodeFromUtf8(_tail.AsSpan(0, _tailLength), out _, out _);
            if (status == OperationStatus.InvalidData)
            {
                _badLine = _line;
                return;
            }

            _tailLength = status == OperationStatus.Done ? 0 : _tailLength;
        }

        var whole = bytes[..^Incomplete(bytes)];
        if (!Utf8.IsValid(whole))
        {
            _badLine = _line + LinesBeforeFault(whole);
            return;
        }

        _line += whole.Count((byte)'\n');
        bytes[whole.Length..].CopyTo(_tail.AsSpan(_tailLength));
        _tailLength += bytes.Length - whole.Length;
    }

    /// <summary>Ends the stream and gives the first bad line, or null.</summary>
    public long? Close() => _badLine ?? (_tailLength == 0 ? null : _line);

    // How many bytes at the end begin a character that goes on in the next block.
    private static int Incomplete(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var value = bytes[^back];
            if ((value & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(bytes[^back..], out _, out _) == OperationStatus.NeedMoreData ? back : 0;
            }
        }

        return 0;
    }

    private static long LinesBeforeFault(ReadOnlySpan<byte> bytes)
    {
        long lines = 0;
        while (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
        {
            lines += rune.Value == '\n' ? 1 : 0;
            bytes = bytes[length..];
        }

        return lines;
    }
}
