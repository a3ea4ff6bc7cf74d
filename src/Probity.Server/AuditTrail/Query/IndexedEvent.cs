using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Server.AuditTrail.Query;

/// <summary>What the search index keeps of one entry. Immutable.</summary>
/// <param name="Seq">Sequence number of the entry.</param>
/// <param name="RecordedAt">Microseconds since 1970, by the server's clock.</param>
/// <param name="OccurredAt">Microseconds since 1970, as the source asserts; the recording where it asserts nothing.</param>
/// <param name="Id">The entry's id; null when it has a form the index does not know.</param>
/// <param name="Values">Exact values by field; a field may come more than once (targets).</param>
/// <param name="TextTokens">Keyed hashes of the words, distinct.</param>
internal sealed record IndexedEvent(
    long Seq,
    long RecordedAt,
    long OccurredAt,
    Guid? Id,
    IReadOnlyList<FieldValue> Values,
    IReadOnlyList<long> TextTokens);

/// <summary>One exact value of one field.</summary>
internal readonly record struct FieldValue(FilterField Field, string Value);
