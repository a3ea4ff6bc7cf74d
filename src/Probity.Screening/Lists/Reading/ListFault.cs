namespace Probity.Screening.Lists.Reading;

/// <summary>Why a list file is refused.</summary>
public enum ListFaultKind
{
    /// <summary>No reader knows the content.</summary>
    UnknownFormat,

    /// <summary>A file that belongs to the set is not there.</summary>
    MissingPart,

    /// <summary>The bytes are not the text they claim to be.</summary>
    Encoding,

    /// <summary>The file is not built as its format says.</summary>
    Structure,

    /// <summary>The file ends too early, or holds no entries.</summary>
    Truncated,

    /// <summary>The file, an archive or a field is larger than allowed.</summary>
    TooLarge,

    /// <summary>The file uses what a list never needs: a DTD, entities, paths out of an archive.</summary>
    Forbidden,
}

/// <summary>One fault of a list file, in words somebody can act on.</summary>
/// <param name="Kind">Why it is refused.</param>
/// <param name="File">The name of the file, or of the set when a file is missing.</param>
/// <param name="Line">The line, from 1, or null when the fault has none.</param>
/// <param name="Field">The column or element, or null.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
public sealed record ListFault(
    ListFaultKind Kind, string File, long? Line, string? Field, string Problem, string Remedy)
{
    /// <summary>Writes file, line, field, problem and remedy as one line.</summary>
    public override string ToString() =>
        File + (Line is { } line ? $":{line}" : "") + (Field is null ? "" : $" [{Field}]") + $": {Problem} {Remedy}";
}

/// <summary>Carries a fault from inside a reader to its boundary; never leaves the library.</summary>
internal sealed class ListFormatException(ListFault fault) : Exception(fault.ToString())
{
    public ListFault Fault { get; } = fault;
}
