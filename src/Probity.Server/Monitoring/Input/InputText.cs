using System.Globalization;
using Probity.Contracts.Finance;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Input;

/// <summary>Reads the texts that transactions come in. Invariant: no culture and no zone of this machine.</summary>
internal static class InputText
{
    private static readonly string[] s_instants =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd",
    ];

    /// <summary>Reads an instant in ISO 8601; one without an offset is UTC. Kept to the microsecond.</summary>
    public static DateTimeOffset Instant(string text, string place) =>
        DateTimeOffset.TryParseExact(
            text, s_instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? ToMicrosecond(instant)
            : throw new InputRefusedException(
                place, "monitoring.bad_instant", "This is no instant; write 2026-03-02T15:04:05Z, with its offset.");

    /// <summary>Reads an instant in a form of its own, such as <c>yyyy/MM/dd HH:mm</c>.</summary>
    public static DateTimeOffset Instant(string text, string format, TimeSpan offset, string place) =>
        DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), offset)
            : throw new InputRefusedException(
                place, "monitoring.bad_instant", $"This is no instant of the form {format} that the mapping names.");

    /// <summary>Reads a plain decimal: digits and a point, no exponent and no separators of thousands.</summary>
    public static decimal Number(string text, string place)
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InputRefusedException(
                place, "monitoring.bad_amount", "This is no amount; write digits with a point, such as 1250.00.");
    }

    /// <summary>Reads an amount in a currency of ISO 4217.</summary>
    public static Money Amount(string amount, string currency, string amountPlace, string currencyPlace) =>
        CurrencyCode.TryParse(currency, out var code)
            ? new Money(Number(amount, amountPlace), code)
            : throw new InputRefusedException(
                currencyPlace, "monitoring.bad_currency", "This is no current code of ISO 4217; write three capitals.");

    /// <summary>
    /// Reads a place from its degrees, rounded half to even to what is kept; both "" is none.
    /// </summary>
    public static GeoPoint? Location(string latitude, string longitude, string place)
    {
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (latitude.Length == 0 && longitude.Length == 0)
        {
            return null;
        }

        return decimal.TryParse(latitude, Plain, CultureInfo.InvariantCulture, out var north)
            && decimal.TryParse(longitude, Plain, CultureInfo.InvariantCulture, out var east)
            ? new GeoPoint(Kept(north), Kept(east))
            : throw new InputRefusedException(
                place, "monitoring.bad_location",
                "This is no place; write degrees of latitude and longitude with a point, such as -3.1675 and 39.059.");
    }

    /// <summary>Reads a status; nothing is settled.</summary>
    public static TransactionStatus Status(string text, string place) => text switch
    {
        "" or "settled" => TransactionStatus.Settled,
        "pending" => TransactionStatus.Pending,
        "failed" => TransactionStatus.Failed,
        _ => throw new InputRefusedException(
            place, "monitoring.bad_status", "Write settled, pending or failed; a reversal is sent as one of its own."),
    };

    /// <summary>Reads a day; "" is null.</summary>
    public static DateOnly? Day(string text, string place) =>
        text.Length == 0 ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new InputRefusedException(place, "monitoring.bad_day", "This is no day; write 2026-03-02.");

    /// <summary>Reads yes or no; "" is no.</summary>
    public static bool Truth(string text, string place) => text.ToUpperInvariant() switch
    {
        "" or "FALSE" or "NO" or "0" => false,
        "TRUE" or "YES" or "1" => true,
        _ => throw new InputRefusedException(place, "monitoring.bad_truth", "Write true or false."),
    };

    /// <summary>Writes an instant in UTC, to the microsecond where it has any.</summary>
    public static string Wire(DateTimeOffset instant) => instant.ToUniversalTime().ToString(
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static decimal Kept(decimal degrees) => decimal.Round(degrees, 6, MidpointRounding.ToEven);

    private static DateTimeOffset ToMicrosecond(DateTimeOffset instant) =>
        new(instant.Ticks - (instant.Ticks % TimeSpan.TicksPerMicrosecond), instant.Offset);
}
