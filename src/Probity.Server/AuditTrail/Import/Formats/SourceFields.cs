using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Reads fields of a foreign event without trusting their types.</summary>
internal static class SourceFields
{
    /// <summary>The largest integer that a double keeps exactly. Source: RFC 7493 §2.2 (I-JSON).</summary>
    private const long MaxSafeInteger = 9_007_199_254_740_991;

    // Deeper values are kept as their JSON text: the event on the wire has a depth limit of its own.
    private const int MaxCopyDepth = 32;

    /// <summary>Follows member names; undefined when one is missing.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return default;
            }
        }

        return element;
    }

    /// <summary>Gets a scalar as text (numbers as they are written); null when missing, null, empty or no scalar.</summary>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var value = element.At(path);
        var text = value.ValueKind switch
        {
            JsonValueKind.String => Clean(value),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        };
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    /// <summary>Gets the items of an array; nothing for any other value.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path)
        => element.At(path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>Gets the members of an object; nothing for any other value.</summary>
    public static IEnumerable<JsonProperty> Members(this JsonElement element, params ReadOnlySpan<string> path)
        => element.At(path) is { ValueKind: JsonValueKind.Object } found ? found.EnumerateObject() : [];

    /// <summary>Gets a scalar as text, or refuses the event.</summary>
    public static string Required(this JsonElement element, params ReadOnlySpan<string> path)
        => element.Text(path) ?? throw new SourceRefusedException(SourceRefusal.Missing(string.Join('.', path!)));

    /// <summary>Gets a written time in UTC, or refuses the event.</summary>
    public static string RequiredTime(this JsonElement element, params ReadOnlySpan<string> path)
        => element.RequiredTime(out _, path);

    /// <summary>Gets a written time in UTC and whether its zone was assumed, or refuses the event.</summary>
    public static string RequiredTime(
        this JsonElement element, out bool zoneAssumed, params ReadOnlySpan<string> path)
    {
        var text = element.Required(path);
        return SourceTime.TryParse(text, out var utc, out zoneAssumed)
            ? utc
            : throw new SourceRefusedException(SourceRefusal.Time(string.Join('.', path!), text));
    }

    /// <summary>Adds a field under a name of ours when the source has it; safe integers stay integers.</summary>
    public static void Put(this JsonObject details, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && IsSafeInteger(value, out var number))
        {
            details[name] = number;
            return;
        }

        details.Put(name, value.Text());
    }

    /// <summary>Adds a text under a name of ours when there is one.</summary>
    public static void Put(this JsonObject details, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            details[name] = value;
        }
    }

    /// <summary>
    /// Copies an object for before, after or data. Numbers that a double would change become text, and of a repeated
    /// name the last value counts; the original text has both.
    /// </summary>
    public static JsonObject? CopyObject(this JsonElement element)
        => element.ValueKind == JsonValueKind.Object && Copy(element, 0) is JsonObject { Count: > 0 } copy ? copy : null;

    /// <summary>Copies any value as <see cref="CopyObject"/> does.</summary>
    public static JsonNode? CopyValue(this JsonElement element) => Copy(element, 0);

    private static JsonNode? Copy(JsonElement element, int depth)
    {
        if (depth > MaxCopyDepth)
        {
            return element.GetRawText().Replace('\0', '\uFFFD');
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (var member in element.EnumerateObject())
                {
                    copy[NameOf(member)] = Copy(member.Value, depth + 1);
                }

                return copy;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(item => Copy(item, depth + 1))]);
            case JsonValueKind.String:
                return Clean(element);
            case JsonValueKind.Number:
                return CopyNumber(element);
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            default:
                return null;
        }
    }

    private static JsonNode CopyNumber(JsonElement element)
    {
        if (IsSafeInteger(element, out var number))
        {
            return number;
        }

        var raw = element.GetRawText();
        var isExact = raw.Length <= 16
            && double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) && Math.Abs(value) <= MaxSafeInteger;
        return isExact ? element.GetDouble() : raw;
    }

    private static bool IsSafeInteger(JsonElement value, out long number)
        => value.TryGetInt64(out number) && number is >= -MaxSafeInteger and <= MaxSafeInteger;

    /// <summary>Unescapes a string; NUL and half surrogate pairs, which our wire refuses, become U+FFFD.</summary>
    private static string Clean(JsonElement value)
    {
        try
        {
            return value.GetString()?.Replace('\0', '\uFFFD') ?? "";
        }
        catch (InvalidOperationException)
        {
            return LooseText.Unescape(value.GetRawText().AsSpan()[1..^1]);
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name.Replace('\0', '\uFFFD');
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }
}
