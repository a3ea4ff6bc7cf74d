namespace Probity.Server.AuditTrail.Query.Filters;

/// <summary>
/// What a filter can ask for. The number is stored as the first byte of an index term, so it never changes its
/// meaning; a new field takes a new number.
/// </summary>
internal enum FilterField : byte
{
    ActorId = 1,
    ActorType = 2,
    OnBehalfOf = 3,
    Role = 4,
    Session = 5,
    Action = 6,
    TargetId = 7,
    TargetType = 8,
    Type = 9,
    Outcome = 10,
    Source = 11,
    ExternalId = 12,
    Id = 13,
    Service = 14,
    RequestId = 15,
    TraceId = 16,
    Case = 17,
    Ticket = 18,
    Text = 32,
    Seq = 33,
    RecordedAt = 34,
    OccurredAt = 35,
}

/// <summary>The names of the fields as a caller writes them.</summary>
internal static class FilterFields
{
    private static readonly Dictionary<string, FilterField> s_byName = new(StringComparer.Ordinal)
    {
        ["actor"] = FilterField.ActorId,
        ["actor.id"] = FilterField.ActorId,
        ["actor.type"] = FilterField.ActorType,
        ["actor.on_behalf_of"] = FilterField.OnBehalfOf,
        ["actor.role"] = FilterField.Role,
        ["actor.session"] = FilterField.Session,
        ["on_behalf_of"] = FilterField.OnBehalfOf,
        ["role"] = FilterField.Role,
        ["session"] = FilterField.Session,
        ["action"] = FilterField.Action,
        ["target"] = FilterField.TargetId,
        ["target.id"] = FilterField.TargetId,
        ["target.type"] = FilterField.TargetType,
        ["type"] = FilterField.Type,
        ["outcome"] = FilterField.Outcome,
        ["source"] = FilterField.Source,
        ["external_id"] = FilterField.ExternalId,
        ["id"] = FilterField.Id,
        ["service"] = FilterField.Service,
        ["request_id"] = FilterField.RequestId,
        ["trace_id"] = FilterField.TraceId,
        ["case"] = FilterField.Case,
        ["ticket"] = FilterField.Ticket,
        ["text"] = FilterField.Text,
        ["seq"] = FilterField.Seq,
        ["time"] = FilterField.RecordedAt,
        ["recorded_at"] = FilterField.RecordedAt,
        ["occurred_at"] = FilterField.OccurredAt,
    };

    /// <summary>Words other systems use for one of our fields, so that the error can name ours.</summary>
    private static readonly Dictionary<string, string> s_synonyms = new(StringComparer.Ordinal)
    {
        ["user"] = "actor",
        ["user_id"] = "actor",
        ["username"] = "actor",
        ["principal"] = "actor",
        ["subject"] = "actor",
        ["event"] = "action",
        ["event_type"] = "type",
        ["event_name"] = "action",
        ["verb"] = "action",
        ["operation"] = "action",
        ["resource"] = "target",
        ["object"] = "target",
        ["entity"] = "target",
        ["status"] = "outcome",
        ["result"] = "outcome",
        ["timestamp"] = "time",
        ["date"] = "time",
        ["created_at"] = "recorded_at",
        ["sequence"] = "seq",
        ["q"] = "text",
        ["search"] = "text",
        ["trace"] = "trace_id",
        ["request"] = "request_id",
        ["reason"] = "text",
    };

    /// <summary>Every name, in alphabetical order, for error texts and documentation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_byName.Keys.Order(StringComparer.Ordinal)];

    public static bool TryFind(string name, out FilterField field) => s_byName.TryGetValue(name, out field);

    /// <summary>The name to suggest for one that is unknown; null when nothing is near.</summary>
    public static string? Nearest(string name)
    {
        var lower = name.ToLowerInvariant();
        if (s_byName.ContainsKey(lower))
        {
            return lower;
        }

        if (s_synonyms.TryGetValue(lower, out var known))
        {
            return known;
        }

        var best = Names.MinBy(candidate => Distance(lower, candidate));
        return best is not null && Distance(lower, best) <= Math.Max(1, lower.Length / 3) ? best : null;
    }

    /// <summary>Levenshtein distance; both names are short.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
