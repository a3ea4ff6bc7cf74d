using System.Numerics;

namespace Probity.Monitoring.Evaluation;

/// <summary>
/// Distances on a sphere, in exact decimals: the same metres on every machine, which binary floating point does not
/// promise of sines. By the haversine formula (Sinnott, Sky and Telescope 68, 1984, p. 159) with the mean radius of
/// the Earth of 6,371 km (IUGG, R₁).
/// </summary>
internal static class GreatCircle
{
    /// <summary>Metres of a degree of latitude, rounded down: no two places are nearer than their latitudes.</summary>
    public const decimal LeastMetresOfDegree = 111_194;

    private const decimal DiameterMetres = 12_742_000m;
    private const decimal Pi = 3.1415926535897932384626433833m;
    private const decimal Smallest = 0.000000000000000000000001m; // Terms below it change no metre.
    private const decimal Fine = 1_000_000_000_000m; // Roots have twelve places: hundredths of a millimetre.

    /// <summary>Metres between two places, half to even.</summary>
    public static long Metres(GeoPoint one, GeoPoint other)
    {
        var north = Sine(Radians(other.Latitude - one.Latitude) / 2);
        var east = Sine(Radians(other.Longitude - one.Longitude) / 2);
        var cosines = Cosine(Radians(one.Latitude)) * Cosine(Radians(other.Latitude));
        var half = Math.Clamp((north * north) + (cosines * east * east), 0, 1);

        // The series is slow near 1, so the far half of the Earth is reckoned from the opposite place.
        var angle = half <= 0.5m ? ArcSine(Root(half)) : (Pi / 2) - ArcSine(Root(1 - half));
        return decimal.ToInt64(decimal.Round(DiameterMetres * angle, 0, MidpointRounding.ToEven));
    }

    /// <summary>Whether two places are at most so many metres apart.</summary>
    public static bool IsWithin(GeoPoint one, GeoPoint other, long metres) =>
        Math.Abs(one.Latitude - other.Latitude) * LeastMetresOfDegree <= metres + 1 && Metres(one, other) <= metres;

    private static decimal Radians(decimal degrees) => degrees * Pi / 180;

    private static decimal Sine(decimal angle) => Series(angle, angle, 1);

    private static decimal Cosine(decimal angle) => Series(1, angle, 0);

    // Taylor: each term is the one before times −x² ÷ ((n + 1)(n + 2)).
    private static decimal Series(decimal first, decimal angle, int power)
    {
        var (sum, term, square) = (first, first, angle * angle);
        for (var n = power; Math.Abs(term) > Smallest; n += 2)
        {
            term = -term * square / ((n + 1) * (n + 2));
            sum += term;
        }

        return sum;
    }

    // Each term is the one before times x² (2n − 1)² ÷ (2n (2n + 1)); x is at most √½.
    private static decimal ArcSine(decimal sine)
    {
        var (sum, term, square) = (sine, sine, sine * sine);
        for (var n = 1; term > Smallest; n++)
        {
            term = term * square * ((2 * n) - 1) * ((2 * n) - 1) / (2 * n * ((2 * n) + 1));
            sum += term;
        }

        return sum;
    }

    private static decimal Root(decimal value) =>
        (decimal)Exact.Root(new BigInteger(decimal.Truncate(value * Fine * Fine))) / Fine;
}
