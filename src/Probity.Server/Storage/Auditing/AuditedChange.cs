using System.Buffers;
using System.Runtime.CompilerServices;
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

    // A buffer that one large row has made larger is not kept.
    private const int MostKept = 1 << 16;

    private static readonly ConditionalWeakTable<IEntityType, Column[]> s_columns = [];

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    /// <summary>Computes the change of a tracked entity.</summary>
    public static AuditedChange Of(EntityEntry entry) => new(
        entry.State == EntityState.Added ? null : Write(entry, original: true),
        entry.State == EntityState.Deleted ? null : Write(entry, original: false));

    /// <summary>Computes the change of a row that nobody tracks.</summary>
    /// <param name="entity">How it is mapped.</param>
    /// <param name="before">The value of a member before; null for an insert.</param>
    /// <param name="after">The value of a member now.</param>
    /// <param name="isTold">Whether a member changed; of an insert all are told.</param>
    public static AuditedChange Of(
        IEntityType entity, Func<IProperty, object?>? before, Func<IProperty, object?> after,
        Func<IProperty, bool> isTold) =>
        new(before is null ? null : Write(entity, before, isTold), Write(entity, after, isTold));

    /// <summary>The whole row as it is now, in the same form.</summary>
    public static string StateOf(EntityEntry entry) => Write(entry, original: false);

    private static string Write(EntityEntry entry, bool original)
    {
        var values = original ? entry.OriginalValues : entry.CurrentValues;
        return Write(entry.Metadata, property => values[property],
            property => entry.State != EntityState.Modified || entry.Property(property).IsModified);
    }

    private static string Write(
        IEntityType entity, Func<IProperty, object?> valueOf, Func<IProperty, bool> isTold)
    {
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(1_024);
        try
        {
            using (var json = new Utf8JsonWriter(buffer))
            {
                Write(json, entity, valueOf, isTold);
            }

            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        finally
        {
            buffer.Clear(); // Has held what the row says.
            t_buffer = buffer.Capacity <= MostKept ? buffer : null;
        }
    }

    private static void Write(
        Utf8JsonWriter json, IEntityType entity, Func<IProperty, object?> valueOf, Func<IProperty, bool> isTold)
    {
        json.WriteStartObject();
        foreach (var column in s_columns.GetValue(entity, static mapped => ColumnsOf(mapped)))
        {
            if (isTold(column.Property))
            {
                json.WritePropertyName(column.Name);
                WriteValue(json, column, valueOf(column.Property));
            }
        }

        json.WriteEndObject();
    }

    // The entry's own id is the one thing in the row the entry does not have to repeat.
    private static Column[] ColumnsOf(IEntityType entity) =>
    [
        .. entity.GetProperties()
            .Where(property => property.Name != AuditDeclarations.EntryId && !property.IsOperational())
            .OrderBy(property => property.GetColumnName(), StringComparer.Ordinal)
            .Select(property => new Column(
                property, JsonEncodedText.Encode(property.GetColumnName()), property.IsSecret())),
    ];

    private static void WriteValue(Utf8JsonWriter json, Column column, object? value)
    {
        if (value is not null && column.IsSecret)
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

    /// <summary>A member as changes tell of it.</summary>
    private sealed record Column(IProperty Property, JsonEncodedText Name, bool IsSecret);
}
