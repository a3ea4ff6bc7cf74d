using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Probity.Server.Storage;

/// <summary>
/// Instants are stored as whole microseconds since 1970 in UTC: they order and compare alike in both stores, and
/// entries carry microseconds too. Finer digits are cut off.
/// </summary>
internal sealed class InstantConverter() : ValueConverter<DateTimeOffset, long>(
    instant => ToMicroseconds(instant), microseconds => FromMicroseconds(microseconds))
{
    private const long UnixEpochTicks = 621_355_968_000_000_000;

    public static long ToMicroseconds(DateTimeOffset instant) =>
        (instant.UtcTicks - UnixEpochTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new((microseconds * TimeSpan.TicksPerMicrosecond) + UnixEpochTicks, TimeSpan.Zero);
}
