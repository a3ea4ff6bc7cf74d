namespace Probity.Server.Keys;

/// <summary>How long one segment key serves.</summary>
/// <param name="Uses">Encryptions after which the ring hands out a new key.</param>
/// <param name="Age">Time after which it does.</param>
internal sealed record SegmentKeyLimits(long Uses, TimeSpan Age)
{
    /// <summary>2^24 encryptions or 24 hours.</summary>
    public static readonly SegmentKeyLimits Default = new(1 << 24, TimeSpan.FromHours(24));

    /// <summary>
    /// Encryptions after which a key refuses to serve: twice <see cref="Uses"/>, which leaves room for work that took
    /// the key just before the ring moved on.
    /// </summary>
    public long MostUses => Uses * 2;
}
