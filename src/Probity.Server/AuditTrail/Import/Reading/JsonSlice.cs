namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>The exact bytes of one JSON value of a file, or the refusal of what stands in its place.</summary>
/// <remarks><see cref="Text"/> points into the reader's buffer and is valid until the next slice is asked for.</remarks>
internal readonly record struct JsonSlice(
    long Ordinal,
    long Line,
    long ByteOffset,
    ReadOnlyMemory<byte> Text,
    SourceRefusal? Refusal);
