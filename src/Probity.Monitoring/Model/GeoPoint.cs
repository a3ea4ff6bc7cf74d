namespace Probity.Monitoring;

/// <summary>A place on the Earth (WGS 84, as RFC 7946 §4 has it).</summary>
/// <param name="Latitude">Degrees north, −90 to 90, at most six places (a decimetre).</param>
/// <param name="Longitude">Degrees east, −180 to 180, at most six places.</param>
public readonly record struct GeoPoint(decimal Latitude, decimal Longitude)
{
    private const int Places = 6;

    /// <summary>Gets whether both degrees are in range and have no more places than are kept.</summary>
    public bool IsSound => Math.Abs(Latitude) <= 90 && Math.Abs(Longitude) <= 180
        && decimal.Round(Latitude, Places) == Latitude && decimal.Round(Longitude, Places) == Longitude;
}
