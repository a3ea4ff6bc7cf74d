using System.Text.Json.Nodes;

namespace Probity.Server.Monitoring.Rules;

/// <summary>What differs between two books of reference data. Pure.</summary>
/// <param name="Added">What only the second says, one line each: the part, and the item as JSON.</param>
/// <param name="Removed">What only the first says.</param>
internal sealed record ReferenceDifference(IReadOnlyList<string> Added, IReadOnlyList<string> Removed)
{
    private static readonly string[] s_parts = ["rates", "members", "thresholds", "calendars"];

    /// <summary>Compares two books; an item that changed is one removed and one added.</summary>
    public static ReferenceDifference Between(byte[] before, byte[] after)
    {
        var (was, now) = (Items(before), Items(after));
        return new ReferenceDifference(
            [.. now.Except(was).Order(StringComparer.Ordinal)], [.. was.Except(now).Order(StringComparer.Ordinal)]);
    }

    private static HashSet<string> Items(byte[] book)
    {
        var json = JsonNode.Parse(book)!.AsObject(); // A book that was stored is an object.
        var items = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in s_parts)
        {
            foreach (var item in json[part]?.AsArray() ?? [])
            {
                items.Add($"{part}: {Sorted(item!.AsObject())}");
            }
        }

        return items;
    }

    // The order of members says nothing.
    private static string Sorted(JsonObject item) => new JsonObject(item
        .OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();
}
