namespace Probity.Screening.Lists.Reading;

/// <summary>Bounds of what a reader takes. The defaults are ten times the largest official list of 2026 or
/// more.</summary>
public sealed record ListLimits
{
    /// <summary>Gets the limits used when none are given.</summary>
    public static ListLimits Default { get; } = new();

    /// <summary>Gets the bytes of one file, after decompression. Default 512 MiB.</summary>
    public long FileBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Gets how many times larger than its compressed form a file may be, above 1 MiB. Default 200.</summary>
    /// <remarks>Real lists compress 5 to 25 times; more than 200 is a bomb.</remarks>
    public int CompressionRatio { get; init; } = 200;

    /// <summary>Gets the files of one archive. Default 64.</summary>
    public int ArchiveFiles { get; init; } = 64;

    /// <summary>Gets the entities of one list. Default 2,000,000.</summary>
    public int Entities { get; init; } = 2_000_000;

    /// <summary>Gets the characters of one field. Default 262,144.</summary>
    public int FieldChars { get; init; } = 262_144;

    /// <summary>Gets the fields of one row. Default 256.</summary>
    public int RowFields { get; init; } = 256;

    /// <summary>Gets the names, identifiers or addresses of one entity, each. Default 5,000.</summary>
    public int ItemsPerEntity { get; init; } = 5_000;

    /// <summary>Gets the nesting of XML elements. Default 32.</summary>
    public int XmlDepth { get; init; } = 32;
}
