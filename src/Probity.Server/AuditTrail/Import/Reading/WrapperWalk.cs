using System.Text;

namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>Walks the wrapping objects around arrays of events, byte by byte: they are small.</summary>
internal sealed class WrapperWalk(IReadOnlyList<string> members)
{
    private readonly List<byte> text = [];
    private int depth;
    private bool inString;
    private bool escaped;
    private bool inEvents;

    /// <summary>Gets whether a wrapping object is open.</summary>
    public bool IsInside => depth > 0 || inEvents;

    public (int Consumed, bool Entered) FindArray(ReadOnlySpan<byte> bytes)
    {
        inEvents = false;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (Take(bytes[at]))
            {
                inEvents = true;
                return (at + 1, true);
            }
        }

        return (bytes.Length, false);
    }

    /// <summary>Takes one byte; true when it opens the array of events.</summary>
    private bool Take(byte next)
    {
        if (inString)
        {
            TakeInString(next);
            return false;
        }

        switch (next)
        {
            case (byte)'"':
                inString = true;
                text.Clear();
                return false;
            case (byte)'[' when depth == 1 && IsMember():
                return true;
            case (byte)'{' or (byte)'[':
                depth++;
                return false;
            case (byte)'}' or (byte)']':
                depth = Math.Max(0, depth - 1);
                return false;
            default:
                return false;
        }
    }

    private void TakeInString(byte next)
    {
        var closes = next == (byte)'"' && !escaped;
        inString = !closes;
        escaped = next == (byte)'\\' && !escaped;
        if (inString && text.Count < 64)
        {
            text.Add(next);
        }
    }

    private bool IsMember() => members.Contains(Encoding.UTF8.GetString([.. text]));
}
