using System.Globalization;

namespace Probity.Server.Access.Scim;

/// <summary>When an entry id was made: its UUIDv7 says so to the millisecond (RFC 9562 section 5.7).</summary>
internal static class EntryTime
{
    public static DateTimeOffset Of(string entryId)
    {
        var hex = entryId.Replace("-", "", StringComparison.Ordinal)["evt_".Length..][..12];
        return DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(hex, NumberStyles.HexNumber,
            CultureInfo.InvariantCulture));
    }
}
