using System.Text;
using Probity.Server.AuditTrail.Indexing;
using Probity.Server.AuditTrail.Query;
using Probity.Server.AuditTrail.Query.Filters;
using Probity.Server.AuditTrail.Reading;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Query;

public sealed class TextTokensTests
{
    private static readonly TextTokens s_tokens = new(new byte[32]);
    private static readonly EventIndexer s_indexer = new(s_tokens, new SealedMembers(null));

    [Theory]
    [InlineData("Wire transfer, 10 000 EUR!", "wire transfer 10 000 eur")]
    [InlineData("a.b@Example.com", "a b example com")]
    [InlineData("same Same SAME", "same")]
    [InlineData("ÉCOLE Straße ΣΊΣΥΦΟΣ", "école straße σίσυφοσ")]
    [InlineData("Ｆｕｌｌｗｉｄｔｈ ﬁle", "fullwidth file")]
    [InlineData("e\u0301cole", "école")]
    [InlineData("हिन्दी 习近平", "हिन्दी 习近平")]
    [InlineData("--- ", "")]
    public void Text_has_these_words(string text, string words) =>
        Assert.Equal(UnicodeFolding.Decompose(words), string.Join(' ', TextTokens.Words(text)));

    [Fact]
    public void A_long_word_is_cut() => Assert.Equal(64, Assert.Single(TextTokens.Words(new string('x', 500))).Length);

    [Fact]
    public void At_most_256_words_are_kept() =>
        Assert.Equal(256, TextTokens.Words(string.Join(' ', Enumerable.Range(0, 1000))).Count);

    [Fact]
    public void A_lone_surrogate_splits_words() => Assert.Equal(["a", "e\u0301"], TextTokens.Words("a\ud800é"));

    [Fact]
    public void A_hash_depends_on_the_key() =>
        Assert.NotEqual(s_tokens.Hash("wire"), new TextTokens(Encoding.UTF8.GetBytes("another key of bytes")).Hash("wire"));

    [Fact]
    public void A_hash_is_frozen() => Assert.Equal("EC4B517C5643B9C1", s_tokens.Hash("wire").ToString("X16"));

    [Fact]
    public void An_entry_yields_its_values_and_words()
    {
        var entry = Encoding.UTF8.GetBytes("""
            {"action":"payment.approve","actor":{"id":"u-1","name":"Alice Smith","on_behalf_of":{"id":"u-2"},"role":"teller",
             "session":"s-1","type":"user"},"context":{"request_id":"r-1","service":"pay","trace_id":"t-1"},
             "data":{"amount":"12.50","lines":[1,true,null]},"external_id":"x-1","id":"evt_0199f1d2-7c3e-7000-8000-0123456789ab",
             "log":"secretlog","occurred_at":"2026-11-24T10:00:00+01:00","outcome":"success","prev":"00ff","reason":{"case":"C-1",
             "text":"Customer request","ticket":"T-1"},"recorded_at":"2026-11-24T18:19:34.123456Z","seq":7,"source":"core",
             "targets":[{"id":"acc-1","type":"account"},{"id":"acc-2","type":"account"}],"type":"event","v":1}
            """);

        var indexed = s_indexer.Read(entry);

        Assert.Equal(7, indexed.Seq);
        Assert.Equal(Guid.Parse("0199f1d2-7c3e-7000-8000-0123456789ab"), indexed.Id);
        Assert.Equal("2026-11-24T18:19:34.123456Z", Instants.Format(indexed.RecordedAt));
        Assert.Equal("2026-11-24T09:00:00.000000Z", Instants.Format(indexed.OccurredAt));
        Assert.Equal(19, indexed.Values.Count);
        Assert.Contains(new FieldValue(FilterField.TargetId, "acc-2"), indexed.Values);
        Assert.Contains(new FieldValue(FilterField.OnBehalfOf, "u-2"), indexed.Values);
        Assert.Contains(s_tokens.Hash("smith"), indexed.TextTokens);
        Assert.Contains(s_tokens.Hash("customer"), indexed.TextTokens);
        Assert.DoesNotContain(s_tokens.Hash("secretlog"), indexed.TextTokens);
    }

    [Fact]
    public void A_sealed_entry_yields_what_it_shows()
    {
        var entry = Encoding.UTF8.GetBytes(
            """{"id":"evt_0199f1d2-7c3e-7000-8000-0123456789ab","recorded_at":"2026-11-24T18:19:34.123456Z","seq":0,"type":"sealed","v":1}""");

        var indexed = s_indexer.Read(entry);

        Assert.Equal(new FieldValue(FilterField.Type, "sealed"), Assert.Single(indexed.Values));
        Assert.Equal(indexed.RecordedAt, indexed.OccurredAt);
    }
}
