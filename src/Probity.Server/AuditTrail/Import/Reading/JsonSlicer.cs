using System.Runtime.CompilerServices;

namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>
/// Cuts a file into its events without parsing them: JSON lines, an array, a wrapping object such as
/// <c>{"Records":[…]}</c>, or objects one after the other over several lines.
/// </summary>
/// <remarks>
/// The cut is by structure (strings and depth) only, so that one malformed event does not hide the next ones and each
/// slice is the exact text of the source. Only in lines can an unclosed string not swallow what follows.
/// </remarks>
internal static class JsonSlicer
{
    public static async IAsyncEnumerable<JsonSlice> ReadAsync(
        Stream source,
        IReadOnlyList<string> wrapperMembers,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var window = new SourceWindow(source);
        var layout = await LayoutProbe.FindAsync(window, wrapperMembers, cancellationToken);
        ISliceCutter cutter = layout switch
        {
            SourceLayout.Lines => new LineCutter(window),
            SourceLayout.Unreadable => new RefusingCutter(window),
            _ => new StructureCutter(window, layout, wrapperMembers),
        };

        var ordinal = 0L;
        while (true)
        {
            while (cutter.TryCut(out var slice))
            {
                yield return slice with { Ordinal = ++ordinal };
            }

            if (window.Completed || cutter.Finished)
            {
                yield break;
            }

            await window.FillAsync(cancellationToken);
        }
    }
}

/// <summary>Cuts the next slice out of a window; false means that more bytes are needed, or that there are none.</summary>
internal interface ISliceCutter
{
    /// <summary>Gets whether the rest of the stream is of no interest.</summary>
    bool Finished { get; }

    bool TryCut(out JsonSlice slice);
}

/// <summary>How the events stand in a file.</summary>
internal enum SourceLayout
{
    /// <summary>One event per line.</summary>
    Lines,

    /// <summary>Elements of one or more arrays.</summary>
    Arrays,

    /// <summary>Elements of a named array in one or more wrapping objects.</summary>
    Wrapped,

    /// <summary>Objects one after the other, each over several lines.</summary>
    Sequence,

    /// <summary>Not UTF-8 text.</summary>
    Unreadable,
}

/// <summary>Refuses a whole file that is in another encoding.</summary>
internal sealed class RefusingCutter(SourceWindow window) : ISliceCutter
{
    public bool Finished { get; private set; }

    public bool TryCut(out JsonSlice slice)
    {
        slice = new JsonSlice(0, window.Line, window.Offset, default, SourceRefusal.Utf8());
        (var first, Finished) = (!Finished, true);
        return first;
    }
}
