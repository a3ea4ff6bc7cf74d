using System.Text.Json;

namespace Probity.Screening.Lists.Formats;

/// <summary>Reads texts of JSON objects in which a value may stand alone or in an array.</summary>
internal static class JsonTexts
{
    /// <summary>Gets the one text of a member; empty when it is not there or no text.</summary>
    public static string One(JsonElement element, string name) => All(element, name) is [var first, ..] ? first : "";

    /// <summary>Gets the texts of a member in order; numbers as written; empty when it is not there.</summary>
    public static IReadOnlyList<string> All(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(Text).Where(text => text.Length != 0)]
            : Text(value) is { Length: > 0 } text ? [text] : [];
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() ?? "",
                JsonValueKind.Number => value.GetRawText(),
                _ => "",
            };
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair is no text.
            return "";
        }
    }
}
