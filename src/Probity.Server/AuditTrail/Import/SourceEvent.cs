namespace Probity.Server.AuditTrail.Import;

/// <summary>One event of a foreign log: mapped to our event on the wire, or refused with what to do about it.</summary>
/// <remarks>Exactly one of <see cref="EventJson"/> (not empty) and <see cref="Refusal"/> is there.</remarks>
internal sealed record SourceEvent
{
    /// <summary>Gets the number of the event in its file, from 1, refused ones counted too.</summary>
    public required long Ordinal { get; init; }

    /// <summary>Gets the line of the (decompressed) file on which the event begins, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>Gets the offset of the event's first byte in the (decompressed) file, from 0.</summary>
    public required long ByteOffset { get; init; }

    /// <summary>Gets our event on the wire as UTF-8 JSON; empty when refused.</summary>
    public ReadOnlyMemory<byte> EventJson { get; init; }

    /// <summary>Gets why the event cannot be imported; null when it can.</summary>
    public SourceRefusal? Refusal { get; init; }
}

/// <summary>Why an event or a file is refused: a stable code, and a sentence saying what to do.</summary>
internal sealed record SourceRefusal(string Code, string Detail)
{
    public static SourceRefusal Syntax(string detail) => new(
        "import.syntax", $"The event is not valid JSON: {detail} Correct the line, or fetch it again from the source.");

    public static SourceRefusal TooLarge(long bytes) => new(
        "import.too_large",
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"The event needs {bytes} bytes; the limit is {ImportLimits.MaxEventBytes} (256 KiB), original text included. Keep it in its file and import a shorter form."));

    public static SourceRefusal Utf8() => new(
        "import.utf8", "The event is not valid UTF-8. Convert the file to UTF-8 with the tool that wrote it.");

    public static SourceRefusal Truncated(string detail) => new(
        "import.truncated", $"{detail} Fetch the whole file again; what stands before is imported.");

    public static SourceRefusal NotAnEvent(string detail) => new(
        "import.not_an_event", $"{detail} Check --format, or remove the line.");

    public static SourceRefusal Missing(string field) => new(
        "import.missing_field", $"The event has no usable '{field}'. Check --format, or correct the event at its source.");

    public static SourceRefusal Time(string field, string text) => new(
        "import.time",
        $"'{field}' is not a time this format uses: '{Shortened(text)}'. Write it as RFC 3339, e.g. 2025-10-21T00:52:27Z.");

    private static string Shortened(string text) => text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 61), "...");
}

/// <summary>Bounds of an import.</summary>
internal static class ImportLimits
{
    /// <summary>The largest event on the wire in bytes, and so also the largest original text.</summary>
    public const int MaxEventBytes = 256 * 1024;

    /// <summary>The most events in one request.</summary>
    public const int MaxBatchEvents = 500;

    /// <summary>The most bytes of events in one request; a batch is sent early when it would grow over this.</summary>
    public const int MaxBatchBytes = 8 * 1024 * 1024;
}

/// <summary>Thrown by a mapping when an event cannot be mapped; becomes the refusal of that one event.</summary>
internal sealed class SourceRefusedException(SourceRefusal refusal) : Exception(refusal.Detail)
{
    public SourceRefusal Refusal { get; } = refusal;
}
