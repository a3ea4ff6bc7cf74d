namespace Probity.Screening.Matching;

/// <summary>
/// Brings the scores of persons, organisations and names in other scripts to one scale, so that one threshold means
/// about the same share of innocent names in each: 7,000 about 1 %, 8,000 about 0.2 %.
/// </summary>
/// <remarks>Straight lines between measured points; see docs/screening-quality.md. Equal names stay at
/// 10,000.</remarks>
/// <param name="AtDefault">The raw score that becomes 7,000.</param>
/// <param name="AtStrict">The raw score that becomes 8,000.</param>
public sealed record Calibration(int AtDefault, int AtStrict)
{
    private const int Default = 7000;
    private const int Strict = 8000;
    private const int Full = 10000;

    /// <summary>Gets the score for a raw score, 0 to 10,000.</summary>
    public int Apply(int raw) =>
        raw >= Full ? Full
        : raw >= AtStrict ? Strict + ((raw - AtStrict) * (Full - Strict) / (Full - AtStrict))
        : raw >= AtDefault ? Default + ((raw - AtDefault) * (Strict - Default) / (AtStrict - AtDefault))
        : raw * Default / AtDefault;

    /// <summary>Gets the lowest raw score that may become this score.</summary>
    public int Invert(int score)
    {
        var (low, high) = (0, Full);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Apply(middle) < score ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
