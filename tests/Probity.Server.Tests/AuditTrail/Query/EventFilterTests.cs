using System.Text;
using Probity.Server.AuditTrail.Query;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Query;

public sealed class EventFilterTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    // Empty, and single conditions
    [InlineData("", "(AND)")]
    [InlineData("  \t\n", "(AND)")]
    [InlineData("actor=alice", "ActorId=\"alice\"")]
    [InlineData("actor = alice", "ActorId=\"alice\"")]
    [InlineData("actor.id=alice", "ActorId=\"alice\"")]
    [InlineData("actor:alice", "ActorId=\"alice\"")]
    [InlineData("actor!=alice", "(NOT ActorId=\"alice\")")]
    [InlineData("actor.type=service", "ActorType=\"service\"")]
    [InlineData("on_behalf_of=bob role=teller session=s-1", "(AND OnBehalfOf=\"bob\" Role=\"teller\" Session=\"s-1\")")]
    [InlineData("target=acc-1 target.type=account", "(AND TargetId=\"acc-1\" TargetType=\"account\")")]
    [InlineData("type=event source=core external_id=x1", "(AND Type=\"event\" Source=\"core\" ExternalId=\"x1\")")]
    [InlineData("service=pay request_id=r trace_id=t", "(AND Service=\"pay\" RequestId=\"r\" TraceId=\"t\")")]
    [InlineData("case=C-7 ticket=T-9", "(AND Case=\"C-7\" Ticket=\"T-9\")")]
    [InlineData("outcome=denied", "Outcome=\"denied\"")]
    [InlineData(
        "id=evt_0199f1d2-7c3e-7000-8000-0123456789ab", "Id=\"evt_0199f1d2-7c3e-7000-8000-0123456789ab\"")]
    // Precedence: AIP-160 "Logical operators", "Literals" and the grammar's own examples
    [InlineData("a b AND c AND d", "(AND Text:\"a\" Text:\"b\" Text:\"c\" Text:\"d\")")]
    [InlineData("(a b) AND c AND d", "(AND Text:\"a\" Text:\"b\" Text:\"c\" Text:\"d\")")]
    [InlineData("New York Giants OR Yankees",
        "(AND Text:\"new\" Text:\"york\" (OR Text:\"giants\" Text:\"yankees\"))")]
    [InlineData("New York (Giants OR Yankees)",
        "(AND Text:\"new\" Text:\"york\" (OR Text:\"giants\" Text:\"yankees\"))")]
    [InlineData("a AND b OR c", "(AND Text:\"a\" (OR Text:\"b\" Text:\"c\"))")]
    [InlineData("a OR b AND c", "(AND (OR Text:\"a\" Text:\"b\") Text:\"c\")")]
    [InlineData("a OR b OR c", "(OR Text:\"a\" Text:\"b\" Text:\"c\")")]
    [InlineData("(a AND b) OR c", "(OR (AND Text:\"a\" Text:\"b\") Text:\"c\")")]
    [InlineData("a b OR c d", "(AND Text:\"a\" (OR Text:\"b\" Text:\"c\") Text:\"d\")")]
    [InlineData("NOT a OR b", "(OR (NOT Text:\"a\") Text:\"b\")")]
    [InlineData("NOT (a OR b)", "(NOT (OR Text:\"a\" Text:\"b\"))")]
    [InlineData("-actor:alice", "(NOT ActorId=\"alice\")")]
    [InlineData("-(a b)", "(NOT (AND Text:\"a\" Text:\"b\"))")]
    [InlineData("- a", "(NOT Text:\"a\")")]
    [InlineData("((a))", "Text:\"a\"")]
    [InlineData("seq < 10 OR seq >= 100", "(OR Seq[..9] Seq[100..])")]
    [InlineData("a and b", "(AND Text:\"a\" Text:\"and\" Text:\"b\")")]
    [InlineData("\"AND\"", "Text:\"and\"")]
    // A list of values in brackets
    [InlineData("outcome=(failure OR denied)", "(OR Outcome=\"failure\" Outcome=\"denied\")")]
    [InlineData("outcome!=(failure OR denied)", "(OR (NOT Outcome=\"failure\") (NOT Outcome=\"denied\"))")]
    [InlineData("target:(a b)", "(AND TargetId=\"a\" TargetId=\"b\")")]
    [InlineData("text:(wire AND NOT cash)", "(AND Text:\"wire\" (NOT Text:\"cash\"))")]
    // Strings
    [InlineData("actor=\"Alice Smith\"", "ActorId=\"Alice Smith\"")]
    [InlineData("actor='Alice \"A\" Smith'", "ActorId=\"Alice \\\"A\\\" Smith\"")]
    [InlineData("actor=\"a\\\"b\\\\c\\u0041\"", "ActorId=\"a\\\"b\\\\cA\"")]
    [InlineData("action=\"payment.\\*\"", "Action=\"payment.*\"")]
    [InlineData("actor=arn:aws:iam::123456789012:user/eve", "ActorId=\"arn:aws:iam::123456789012:user/eve\"")]
    [InlineData("actor=-x", "ActorId=\"-x\"")]
    [InlineData("actor=a@b.example", "ActorId=\"a@b.example\"")]
    [InlineData("actor=Ünal", "ActorId=\"Ünal\"")]
    // Wildcards and presence
    [InlineData("action=payment.*", "Action=\"payment.\"*")]
    [InlineData("action=\"payment.*\"", "Action=\"payment.\"*")]
    [InlineData("actor:svc-*", "ActorId=\"svc-\"*")]
    [InlineData("session:*", "Session:*")]
    [InlineData("NOT session:*", "(NOT Session:*)")]
    [InlineData("text:*", "Text:*")]
    [InlineData("seq:*", "(AND)")]
    // Text
    [InlineData("text:wire", "Text:\"wire\"")]
    [InlineData("text=\"Wire Transfer\"", "(AND Text:\"wire\" Text:\"transfer\")")]
    [InlineData("text!=\"Wire Transfer\"", "(NOT (AND Text:\"wire\" Text:\"transfer\"))")]
    [InlineData("10.1.2.3", "(AND Text:\"10\" Text:\"1\" Text:\"2\" Text:\"3\")")]
    [InlineData("\"ÉCOLE\"", "Text:\"e\u0301cole\"")]
    // Numbers and times
    [InlineData("seq=42", "Seq[42..42]")]
    [InlineData("seq<=42", "Seq[..42]")]
    [InlineData("seq>42", "Seq[43..]")]
    [InlineData("seq!=42", "(NOT Seq[42..42])")]
    [InlineData("time>=2026-11-24", "RecordedAt[2026-11-24T00:00:00.000000Z..]")]
    [InlineData("time<2026-11-24", "RecordedAt[..2026-11-23T23:59:59.999999Z]")]
    [InlineData("time>2026-11-24", "RecordedAt[2026-11-25T00:00:00.000000Z..]")]
    [InlineData("time<=2026-11-24", "RecordedAt[..2026-11-24T23:59:59.999999Z]")]
    [InlineData("time=2026-11-24", "RecordedAt[2026-11-24T00:00:00.000000Z..2026-11-24T23:59:59.999999Z]")]
    [InlineData("occurred_at>=2026-11-24T10:00:00Z", "OccurredAt[2026-11-24T10:00:00.000000Z..]")]
    [InlineData("occurred_at>=\"2026-11-24T10:00:00.25+02:00\"", "OccurredAt[2026-11-24T08:00:00.250000Z..]")]
    [InlineData("recorded_at>=-24h", "RecordedAt[2026-11-23T12:00:00.000000Z..]")]
    [InlineData("time>=-7d", "RecordedAt[2026-11-17T12:00:00.000000Z..]")]
    [InlineData("time>-90m time<-30s",
        "(AND RecordedAt[2026-11-24T10:30:00.000001Z..] RecordedAt[..2026-11-24T11:59:29.999999Z])")]
    public void A_filter_has_this_tree(string filter, string tree) =>
        Assert.Equal(tree, EventFilter.Parse(filter, s_now).ToString());

    [Theory]
    [InlineData("user=alice", "query.unknown_field", 1, "unknown field `user`: did you mean `actor`?")]
    [InlineData("a AND acton=x", "query.unknown_field", 7, "did you mean `action`?")]
    [InlineData("Actor=x", "query.unknown_field", 1, "did you mean `actor`?")]
    [InlineData("zzzzzzzz=1", "query.unknown_field", 1, "known fields: action, actor")]
    [InlineData("actor=", "query.filter_syntax", 7, "a value is expected after `=`, not the end of the filter")]
    [InlineData("actor==alice", "query.filter_syntax", 6, "write = for equality")]
    [InlineData("actor=a=b", "query.filter_syntax", 8, "`=` is not expected here")]
    [InlineData("=alice", "query.filter_syntax", 1, "`=` is not expected here")]
    [InlineData("(actor=a", "query.filter_syntax", 9, "the bracket opened at character 1 is not closed")]
    [InlineData("actor=a)", "query.filter_syntax", 8, "closes no bracket")]
    [InlineData("()", "query.filter_syntax", 2, "`)` is not expected here")]
    [InlineData("a AND", "query.filter_syntax", 6, "the end of the filter is not expected here")]
    [InlineData("AND a", "query.filter_syntax", 1, "quote it to search for the word")]
    [InlineData("a OR OR b", "query.filter_syntax", 6, "nothing on its left or right")]
    [InlineData("NOT", "query.filter_syntax", 4, "the end of the filter is not expected here")]
    [InlineData("NOT NOT a", "query.filter_syntax", 5, "second negation")]
    [InlineData("--a", "query.filter_syntax", 2, "second negation")]
    [InlineData("actor=\"alice", "query.filter_syntax", 7, "no closing quote")]
    [InlineData("actor=\"a\\x\"", "query.filter_syntax", 9, "unknown escape")]
    [InlineData("actor!alice", "query.filter_syntax", 6, "write != or NOT")]
    [InlineData("a, b", "query.filter_syntax", 2, "comma")]
    [InlineData("a\u0001b", "query.filter_syntax", 2, "control characters")]
    [InlineData("regex(actor, x)", "query.filter_syntax", 6, "functions")]
    [InlineData("actor<alice", "query.bad_value", 7, "no order")]
    [InlineData("actor=\"\"", "query.bad_value", 7, "NOT actor:*")]
    [InlineData("action=*.create", "query.bad_value", 8, "only at the end")]
    [InlineData("action=pay*ment*", "query.bad_value", 8, "only at the end")]
    [InlineData("text:pay*", "query.bad_value", 6, "whole words")]
    [InlineData("\"---\"", "query.bad_value", 1, "no letter or digit")]
    [InlineData("outcome=ok", "query.bad_value", 9, "success, failure, denied, unknown")]
    [InlineData("seq=-1", "query.bad_value", 5, "whole number")]
    [InlineData("seq=ten", "query.bad_value", 5, "whole number")]
    [InlineData("time>=yesterday", "query.bad_value", 7, "-24h")]
    [InlineData("time>=2026-13-01", "query.bad_value", 7, "is no time")]
    [InlineData("time>=2026-11-24T10:00:00", "query.bad_value", 7, "is no time")]
    [InlineData("time>=-5y", "query.bad_value", 7, "is no time")]
    [InlineData("id=42", "query.bad_value", 4, "is no event id")]
    public void A_bad_filter_is_refused_with_its_place_and_a_fix(string filter, string code, int position, string says)
    {
        var refusal = Assert.Throws<QueryRefusedException>(() => EventFilter.Parse(filter, s_now));

        Assert.Equal(code, refusal.Code);
        Assert.Equal(position, refusal.Position);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_above_four_kibibytes_is_refused()
    {
        var atLimit = "actor=" + new string('x', EventFilter.MaxBytes - 6);

        Assert.StartsWith("ActorId=", EventFilter.Parse(atLimit, s_now).ToString(), StringComparison.Ordinal);
        AssertRefused(atLimit + "x", "4096");
    }

    [Fact]
    public void The_sixty_fifth_condition_is_refused()
    {
        var atLimit = string.Join(" OR ", Enumerable.Range(0, 64).Select(n => $"actor=u{n}"));

        EventFilter.Parse(atLimit, s_now);
        AssertRefused(atLimit + " OR actor=u64", "64");
    }

    [Fact]
    public void The_words_of_a_string_count_as_conditions() =>
        AssertRefused("text:\"" + string.Join(' ', Enumerable.Range(0, 65)) + "\"", "64");

    [Fact]
    public void The_thirty_third_bracket_is_refused()
    {
        EventFilter.Parse(new string('(', 32) + "a" + new string(')', 32), s_now);

        AssertRefused(new string('(', 33) + "a" + new string(')', 33), "32");
    }

    [Fact]
    public void Brackets_side_by_side_do_not_count_as_depth() =>
        EventFilter.Parse(string.Concat(Enumerable.Repeat("(a) ", 60)), s_now);

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => AssertRefused("actor=\ud83d", "surrogate");

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused()
    {
        var refusal = Assert.Throws<QueryRefusedException>(() => EventFilter.Parse([0x61, 0x3D, 0xC0, 0xAF], s_now));

        Assert.Equal(QueryRefusedException.FilterSyntax, refusal.Code);
    }

    [Fact]
    public void Utf8_bytes_and_text_give_the_same_filter() => Assert.Equal(
        "ActorId=\"Ünal\"", EventFilter.Parse(Encoding.UTF8.GetBytes("actor=Ünal"), s_now).ToString());

    private static void AssertRefused(string filter, string says)
    {
        var refusal = Assert.Throws<QueryRefusedException>(() => EventFilter.Parse(filter, s_now));

        Assert.Equal(QueryRefusedException.FilterSyntax, refusal.Code);
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }
}
