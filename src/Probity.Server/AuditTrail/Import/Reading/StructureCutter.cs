using System.Buffers;

namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>Cuts the elements of arrays, of wrapped arrays, or of a sequence of objects, by strings and depth.</summary>
internal sealed class StructureCutter : ISliceCutter
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[],"u8);
    private static readonly SearchValues<byte> StringEnd = SearchValues.Create("\"\\"u8);

    private readonly SourceWindow window;
    private readonly SourceLayout layout;
    private readonly WrapperWalk wrapper;

    private Place place;
    private bool atElement;
    private bool inString;
    private int depth;
    private int scanned;
    private int pending;
    private long droppedBytes;
    private (long Line, long Offset) elementAt;

    public StructureCutter(SourceWindow window, SourceLayout layout, IReadOnlyList<string> wrapperMembers)
    {
        (this.window, this.layout) = (window, layout);
        wrapper = new WrapperWalk(wrapperMembers);
        place = layout == SourceLayout.Sequence ? Place.Elements : Place.Outside;
    }

    private enum Place
    {
        /// <summary>Before, between or behind arrays.</summary>
        Outside,

        /// <summary>Where elements stand.</summary>
        Elements,

        /// <summary>At what cannot be read on.</summary>
        Lost,
    }

    public bool Finished => place == Place.Lost;

    public bool TryCut(out JsonSlice slice)
    {
        window.Advance(pending);
        pending = 0;
        slice = default;
        while (place != Place.Lost)
        {
            var went = place == Place.Outside ? TryEnter(out slice) : TryElement(out slice);
            if (slice.Text.Length > 0 || slice.Refusal is not null)
            {
                return true;
            }

            if (!went)
            {
                return window.Completed && TryEnd(out slice);
            }
        }

        return false;
    }

    /// <summary>Finds the next array; false when the bytes at hand hold none.</summary>
    private bool TryEnter(out JsonSlice slice)
    {
        slice = default;
        if (layout == SourceLayout.Wrapped)
        {
            var (consumed, entered) = wrapper.FindArray(window.Span);
            window.Advance(consumed);
            place = entered ? Place.Elements : Place.Outside;
            return entered;
        }

        SkipWhitespace();
        if (window.Span.IsEmpty)
        {
            return false;
        }

        if (window.Span[0] == (byte)'[')
        {
            window.Advance(1);
            place = Place.Elements;
            return true;
        }

        slice = Lose(SourceRefusal.NotAnEvent("There is other text behind the end of the array; it is not read."));
        return true;
    }

    /// <summary>Reads on in an element or to the next one; false when more bytes are needed.</summary>
    private bool TryElement(out JsonSlice slice)
    {
        slice = default;
        if (!atElement && !TryStart(out slice))
        {
            return place == Place.Outside;
        }

        if (!atElement)
        {
            return true;
        }

        if (!TryFindEnd())
        {
            DropWhenTooLarge();
            return false;
        }

        slice = CutElement();
        return true;
    }

    private bool TryStart(out JsonSlice slice)
    {
        slice = default;
        while (true)
        {
            SkipWhitespace();
            switch (window.Span)
            {
                case []:
                    return false;
                case [(byte)',', ..]:
                    window.Advance(1);
                    continue;
                case [(byte)']', ..] when layout != SourceLayout.Sequence:
                    window.Advance(1);
                    place = Place.Outside;
                    return false;
                case [(byte)']' or (byte)'}', ..]:
                    slice = Lose(SourceRefusal.Syntax("a bracket closes that was not opened; the rest is not read."));
                    return true;
                default:
                    BeginElement();
                    return true;
            }
        }
    }

    private void BeginElement()
    {
        (atElement, inString, depth, scanned) = (true, false, 0, 0);
        elementAt = (window.Line, window.Offset);
        droppedBytes = 0;
    }

    /// <summary>Scans to the end of the element, which is then <see cref="scanned"/> bytes into the window.</summary>
    private bool TryFindEnd()
    {
        var bytes = window.Span;
        while (scanned < bytes.Length)
        {
            if (inString)
            {
                if (!TrySkipString(bytes))
                {
                    return false;
                }

                continue;
            }

            var next = bytes[scanned..].IndexOfAny(Structure);
            if (next < 0)
            {
                scanned = bytes.Length;
                return false;
            }

            scanned += next;
            if (EndsAt(bytes[scanned]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes one structural byte into account; true when the element ends at <see cref="scanned"/>.</summary>
    private bool EndsAt(byte structural)
    {
        switch (structural)
        {
            case (byte)'"':
                inString = true;
                break;
            case (byte)'{' or (byte)'[':
                depth++;
                break;
            case (byte)'}' or (byte)']' when depth > 0:
                scanned++;
                return --depth == 0;
            default:
                // A comma or a closing bracket behind an element that is no object: 1, "a", true.
                if (depth == 0)
                {
                    return true;
                }

                break;
        }

        scanned++;
        return false;
    }

    private bool TrySkipString(ReadOnlySpan<byte> bytes)
    {
        var next = bytes[scanned..].IndexOfAny(StringEnd);
        if (next < 0)
        {
            scanned = bytes.Length;
            return false;
        }

        if (bytes[scanned + next] == (byte)'"')
        {
            scanned += next + 1;
            inString = false;
            return true;
        }

        if (scanned + next + 1 >= bytes.Length)
        {
            // The escaped byte is not here yet: stay on the backslash.
            scanned += next;
            return false;
        }

        scanned += next + 2;
        return true;
    }

    private JsonSlice CutElement()
    {
        var text = window.Bytes[..scanned].TrimEnd(" \t\r\n"u8);
        var total = droppedBytes + text.Length;
        atElement = false;
        pending = scanned;
        var slice = new JsonSlice(0, elementAt.Line, elementAt.Offset, text, null);
        return total > ImportLimits.MaxEventBytes
            ? slice with { Text = default, Refusal = SourceRefusal.TooLarge(total) }
            : slice;
    }

    private void DropWhenTooLarge()
    {
        if (window.Span.Length > ImportLimits.MaxEventBytes)
        {
            droppedBytes += scanned;
            window.Advance(scanned);
            scanned = 0;
        }
    }

    /// <summary>Says what is wrong with how the file ends, once.</summary>
    private bool TryEnd(out JsonSlice slice)
    {
        slice = default;
        var refusal = this switch
        {
            { atElement: true } => SourceRefusal.Truncated("The file ends in the middle of an event."),
            { place: Place.Elements, layout: not SourceLayout.Sequence } =>
                SourceRefusal.Truncated("The file ends before its array is closed."),
            { place: Place.Outside, layout: SourceLayout.Wrapped } when wrapper.IsInside =>
                SourceRefusal.Truncated("The file ends before its object is closed."),
            _ => null,
        };
        var at = atElement ? elementAt : (window.Line, window.Offset);
        place = Place.Lost;
        if (refusal is not null)
        {
            slice = new JsonSlice(0, at.Item1, at.Item2, default, refusal);
        }

        return refusal is not null;
    }

    private JsonSlice Lose(SourceRefusal refusal)
    {
        place = Place.Lost;
        return new JsonSlice(0, window.Line, window.Offset, default, refusal);
    }

    private void SkipWhitespace()
        => window.Advance(window.Span.Length - window.Span.TrimStart(" \t\r\n"u8).Length);
}
