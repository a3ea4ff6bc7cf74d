using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Probity.Server.Storage.Auditing;

/// <summary>
/// A row before and after, as compact JSON objects keyed by column: for an update only the columns that changed, for
/// an insert or a delete all of them. Instants are RFC 3339 text with microseconds, bytes are base64.
/// </summary>
/// <param name="Before">Null for an insert.</param>
/// <param name="After">Null for a delete.</param>
internal sealed record AuditedChange(string? Before, string? After)
{
    /// <summary>What stands for the value of a member marked <see cref="SecretAttribute"/>.</summary>
    public const string Redacted = "[redacted]";

    /// <summary>Computes the change of a tracked entity.</summary>
    public static AuditedChange Of(EntityEntry entry) => new(
        entry.State == EntityState.Added ? null : Write(entry, original: true),
        entry.State == EntityState.Deleted ? null : Write(entry, original: false));

    /// <summary>The whole row as it is now, in the same form.</summary>
    public static string StateOf(EntityEntry entry) => Write(entry, original: false);

    private static string Write(EntityEntry entry, bool original)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var property in entry.Properties
                .Where(p => Appears(entry, p))
                .OrderBy(p => p.Metadata.GetColumnName(), StringComparer.Ordinal))
            {
                json.WritePropertyName(property.Metadata.GetColumnName());
                WriteValue(json, property.Metadata, original ? property.OriginalValue : property.CurrentValue);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    // The entry's own id is the one thing in the row the entry does not have to repeat.
    private static bool Appears(EntityEntry entry, PropertyEntry property) =>
        property.Metadata.Name != AuditDeclarations.EntryId
        && !property.Metadata.IsOperational()
        && (entry.State != EntityState.Modified || property.IsModified);

    private static void WriteValue(Utf8JsonWriter json, IProperty property, object? value)
    {
        if (value is not null && property.IsSecret())
        {
            json.WriteStringValue(Redacted);
            return;
        }

        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int number: json.WriteNumberValue(number); break;
            // Beyond 2^53 a JSON number is not exact for every reader (RFC 7493 section 2.2).
            case long number when Math.Abs((decimal)number) <= 9_007_199_254_740_991: json.WriteNumberValue(number); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case DateTimeOffset instant: json.WriteStringValue(Instants.ToText(instant)); break;
            case IFormattable other:
                json.WriteStringValue(other.ToString(other is DateOnly ? "O" : null, System.Globalization.CultureInfo.InvariantCulture));
                break;
            default: json.WriteStringValue(value.ToString()); break;
        }
    }
}
