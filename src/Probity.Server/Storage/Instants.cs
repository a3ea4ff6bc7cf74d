using System.Globalization;

namespace Probity.Server.Storage;

/// <summary>The text of an instant in entries: RFC 3339 in UTC with microseconds, always 27 characters.</summary>
internal static class Instants
{
    public static string ToText(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
