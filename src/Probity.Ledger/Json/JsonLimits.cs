namespace Probity.Ledger.Json;

/// <summary>Bounds on one JSON text, checked before and while it is read (RFC 8259 §9 allows such limits).</summary>
/// <param name="MaxBytes">Largest text in bytes of UTF-8; default 262,144 (256 KiB).</param>
/// <param name="MaxDepth">Most arrays and objects inside each other, 1 to 1,024; default 64.</param>
public sealed record JsonLimits(int MaxBytes = 262_144, int MaxDepth = 64)
{
    /// <summary>
    /// The largest <see cref="MaxDepth"/>: writing is recursive, and a stack overflow cannot be caught.
    /// </summary>
    public const int DeepestMaxDepth = 1024;

    /// <summary>Gets the limits for a request event: 256 KiB, 64 levels.</summary>
    public static JsonLimits Default { get; } = new();

    /// <summary>Gets the largest text in bytes of UTF-8; at least 1.</summary>
    public int MaxBytes { get; init; } = MaxBytes >= 1
        ? MaxBytes
        : throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, "At least 1.");

    /// <summary>Gets the most levels of arrays and objects; 1 to <see cref="DeepestMaxDepth"/>.</summary>
    public int MaxDepth { get; init; } = MaxDepth is >= 1 and <= DeepestMaxDepth
        ? MaxDepth
        : throw new ArgumentOutOfRangeException(nameof(MaxDepth), MaxDepth, $"1 to {DeepestMaxDepth}.");
}
