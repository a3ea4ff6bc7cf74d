using System.Globalization;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;

namespace Probity.Conformance.AuditTrail.Query;

/// <summary>Numbers that look random and are the same on every run (splitmix64).</summary>
internal sealed class Sequence(ulong seed)
{
    private ulong _state = seed;

    public int Below(int bound)
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)((mixed ^ (mixed >> 31)) % (ulong)bound);
    }

    public T Pick<T>(params T[] choices) => choices[Below(choices.Length)];
}

/// <summary>Made-up events, made-up filters, and a scan that is slow and plainly right.</summary>
internal static class Synthetic
{
    private static readonly long s_start = Instants.ToMicroseconds(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly TextTokens s_tokens = new(new byte[32]);

    public static IEnumerable<IndexedEvent> Events(long from, int count)
    {
        for (var seq = from; seq < from + count; seq++)
        {
            yield return Event(seq);
        }
    }

    public static IndexedEvent With(long seq, FilterField field, string value) =>
        Event(seq) with { Values = [new FieldValue(field, value)] };

    public static string IdText(long seq) => $"evt_{Id(seq):D}";

    /// <summary>Matches, newest first, by looking at every event.</summary>
    public static List<long> Scan(IEnumerable<IndexedEvent> events, EventFilter filter, TextTokens tokens) =>
        [.. events.Where(item => Matches(item, filter.Root, tokens)).Select(item => item.Seq).OrderDescending()];

    /// <summary>A filter nested at most <paramref name="depth"/> deep.</summary>
    public static string Filter(Sequence random, int depth)
    {
        if (depth == 0 || random.Below(3) == 0)
        {
            return Condition(random);
        }

        var left = Filter(random, depth - 1);
        var right = Filter(random, depth - 1);
        return random.Below(4) switch
        {
            0 => $"({left} OR {right})",
            1 => $"({left} AND {right})",
            2 => $"({left} {right})",
            _ => $"NOT ({left})",
        };
    }

    private static string Condition(Sequence random) => random.Below(12) switch
    {
        0 => $"actor=user-{random.Below(12)}",
        1 => $"actor!=user-{random.Below(12)}",
        2 => "action=" + random.Pick("payment.*", "payment.approve", "log*", "x*"),
        3 => "outcome=" + random.Pick("success", "failure", "denied", "unknown"),
        4 => $"target=acc-{random.Below(60)}",
        5 => $"target=acc-{random.Below(7)}*",
        6 => random.Pick("session:*", "case:*", "role=teller", "actor.type=service"),
        7 => $"seq>={random.Below(3000)}",
        8 => $"time<2026-11-01T00:{random.Below(60):00}:00Z",
        9 => $"occurred_at>=2026-11-01T00:{random.Below(60):00}:00Z",
        10 => $"text:word-{random.Below(50)}",
        _ => random.Pick("wire", "cash", "nothing"),
    };

    private static bool Matches(IndexedEvent item, FilterNode node, TextTokens tokens) => node switch
    {
        AndNode and => and.Children.All(child => Matches(item, child, tokens)),
        OrNode or => or.Children.Any(child => Matches(item, child, tokens)),
        NotNode not => !Matches(item, not.Child, tokens),
        ValueNode { Field: FilterField.Id } id => item.Id is { } uuid && id.Value == $"evt_{uuid:D}",
        ValueNode value => item.Values.Contains(new FieldValue(value.Field, value.Value)),
        PrefixNode prefix => item.Values.Any(value =>
            value.Field == prefix.Field && value.Value.StartsWith(prefix.Prefix, StringComparison.Ordinal)),
        PresentNode { Field: FilterField.Text } => item.TextTokens.Count > 0,
        PresentNode present => item.Values.Any(value => value.Field == present.Field),
        WordNode word => item.TextTokens.Contains(tokens.Hash(word.Word)),
        RangeNode { Field: FilterField.Seq } range => item.Seq >= range.From && item.Seq <= range.To,
        RangeNode { Field: FilterField.RecordedAt } range => item.RecordedAt >= range.From && item.RecordedAt <= range.To,
        RangeNode range => item.OccurredAt >= range.From && item.OccurredAt <= range.To,
        _ => throw new InvalidOperationException($"The scan does not know {node.GetType().Name}."),
    };

    private static IndexedEvent Event(long seq)
    {
        var random = new Sequence((ulong)seq);
        var recorded = s_start + (seq * 1_000_000);
        List<FieldValue> values =
        [
            new(FilterField.ActorId, Text("user-", random.Below(10))),
            new(FilterField.ActorType, random.Pick("user", "user", "service")),
            new(FilterField.Role, random.Pick("teller", "auditor", "ROLE")),
            new(FilterField.Action, random.Pick("payment.create", "payment.approve", "login", "logout")),
            new(FilterField.Type, "event"),
            new(FilterField.Outcome, random.Pick("success", "success", "success", "failure", "denied")),
            new(FilterField.Source, random.Pick("core", "cards")),
            new(FilterField.ExternalId, Text("x-", seq)),
            new(FilterField.Service, random.Pick("ledger", "api")),
            new(FilterField.RequestId, Text("r-", seq / 2)),
            new(FilterField.TraceId, Text("trace-", seq / 3)),
            new(FilterField.TargetType, "account"),
        ];
        for (var i = random.Below(4); i > 0; i--)
        {
            values.Add(new FieldValue(FilterField.TargetId, Text("acc-", random.Below(60))));
        }

        AddSome(FilterField.Session, "s-", 2);
        AddSome(FilterField.OnBehalfOf, "user-", 5);
        AddSome(FilterField.Case, "C-", 20);
        AddSome(FilterField.Ticket, "T-", 15);
        string[] words = ["word", Text("", random.Below(50)), random.Pick("wire", "cash"), Text("", random.Below(1000))];
        long[] tokens = [.. words.Select(word => s_tokens.Hash(word)).Distinct()];
        return new IndexedEvent(seq, recorded, recorded - (random.Below(300) * 1_000_000L), Id(seq), values, tokens);

        void AddSome(FilterField field, string prefix, int oneIn)
        {
            if (random.Below(oneIn) == 0)
            {
                values.Add(new FieldValue(field, Text(prefix, random.Below(20))));
            }
        }
    }

    private static Guid Id(long seq) => new(0x0199f1d2, 0x7c3e, 0x7000, [.. BitConverter.GetBytes(seq).Reverse()]);

    private static string Text(string prefix, long number) =>
        prefix + number.ToString(CultureInfo.InvariantCulture);
}
