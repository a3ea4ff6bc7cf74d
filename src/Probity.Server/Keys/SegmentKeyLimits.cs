namespace Probity.Server.Keys;

/// <summary>How long one segment key seals.</summary>
/// <param name="Uses">Most sealings under one key.</param>
/// <param name="Age">The longest it seals.</param>
internal sealed record SegmentKeyLimits(long Uses, TimeSpan Age)
{
    /// <summary>
    /// 2^24 sealings or 24 hours. With random nonces that keeps the chance of a repeated one below 2^-49.
    /// Source: NIST SP 800-38D §8.3 asks for 2^-32.
    /// </summary>
    public static readonly SegmentKeyLimits Default = new(1L << 24, TimeSpan.FromHours(24));

    /// <summary>The same count for the keys derived for a person; they have no age of their own.</summary>
    public SegmentKeyLimits ForSubjects => this with { Age = TimeSpan.MaxValue };
}
