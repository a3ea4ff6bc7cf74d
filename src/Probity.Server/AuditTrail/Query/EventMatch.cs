using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query;

/// <summary>Whether one event matches a filter, without the index: for events that have just been recorded.</summary>
internal static class EventMatch
{
    public static bool Matches(IndexedEvent item, FilterNode node, TextTokens tokens) => node switch
    {
        AndNode and => and.Children.All(child => Matches(item, child, tokens)),
        OrNode or => or.Children.Any(child => Matches(item, child, tokens)),
        NotNode not => !Matches(item, not.Child, tokens),
        ValueNode { Field: FilterField.Id } id => EventIds.TryParse(id.Value, out var uuid) && item.Id == uuid,
        ValueNode value => item.Values.Contains(new FieldValue(value.Field, value.Value)),
        PrefixNode prefix => item.Values.Any(value =>
            value.Field == prefix.Field && value.Value.StartsWith(prefix.Prefix, StringComparison.Ordinal)),
        PresentNode { Field: FilterField.Text } => item.TextTokens.Count > 0,
        PresentNode present => item.Values.Any(value => value.Field == present.Field),
        WordNode word => item.TextTokens.Contains(tokens.Hash(word.Word)),
        RangeNode range => Instant(item, range.Field) is var at && at >= range.From && at <= range.To,
        _ => throw new InvalidOperationException($"No event is matched with {node.GetType().Name}."),
    };

    private static long Instant(IndexedEvent item, FilterField field) => field switch
    {
        FilterField.Seq => item.Seq,
        FilterField.RecordedAt => item.RecordedAt,
        _ => item.OccurredAt,
    };
}
