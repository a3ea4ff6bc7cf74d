namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>Cuts one event per line; blank lines are passed over, and an overlong line is dropped as it streams by.</summary>
internal sealed class LineCutter(SourceWindow window) : ISliceCutter
{
    private int scanned;
    private int pending;
    private long droppedBytes;
    private (long Line, long Offset) droppedAt;

    public bool Finished => false;

    public bool TryCut(out JsonSlice slice)
    {
        slice = default;

        // The slice handed out last is given up only now: its reader had the buffer until this call.
        window.Advance(pending);
        pending = 0;
        while (true)
        {
            var newLine = window.Span[scanned..].IndexOf((byte)'\n');
            if (newLine < 0 && !(window.Completed && window.Span.Length + droppedBytes > 0))
            {
                Remember();
                return false;
            }

            var length = newLine < 0 ? window.Span.Length : scanned + newLine;
            scanned = 0;
            if (TakeLine(length, newLine < 0 ? 0 : 1, out slice))
            {
                return true;
            }
        }
    }

    private bool TakeLine(int length, int terminator, out JsonSlice slice)
    {
        if (droppedBytes > 0)
        {
            slice = new JsonSlice(
                0, droppedAt.Line, droppedAt.Offset, default, SourceRefusal.TooLarge(droppedBytes + length));
            droppedBytes = 0;
            window.Advance(length + terminator);
            return true;
        }

        var line = window.Bytes[..length];
        var text = line.Trim(" \t\r"u8);
        var lead = length - line.TrimStart(" \t\r"u8).Length;
        slice = new JsonSlice(0, window.Line, window.Offset + lead, text, null);
        if (text.IsEmpty)
        {
            window.Advance(length + terminator);
            return false;
        }

        if (text.Length > ImportLimits.MaxEventBytes)
        {
            slice = slice with { Text = default, Refusal = SourceRefusal.TooLarge(text.Length) };
        }

        pending = length + terminator;
        return true;
    }

    private void Remember()
    {
        scanned = window.Span.Length;
        if (scanned <= ImportLimits.MaxEventBytes)
        {
            return;
        }

        droppedAt = droppedBytes == 0 ? (window.Line, window.Offset) : droppedAt;
        droppedBytes += scanned;
        window.Advance(scanned);
        scanned = 0;
    }
}
