using System.Buffers.Text;
using Probity.Server.AuditTrail.Query;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Query;

public sealed class PageTokenTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
    private static readonly PageToken s_token = new(1000, 950, new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_token_comes_back_as_it_was() =>
        Assert.Equal(s_token, PageToken.Decode(s_token.Encode(s_key, "actor=a"), s_key, "actor=a"));

    [Fact]
    public void A_token_for_another_filter_is_a_mismatch() =>
        Assert.Equal("query.page_token_mismatch", Refusal(s_token.Encode(s_key, "actor=a"), s_key, "actor=b"));

    [Fact]
    public void A_token_under_another_key_is_invalid() =>
        Assert.Equal("query.page_token_invalid", Refusal(s_token.Encode(s_key, ""), new byte[32], ""));

    [Fact]
    public void Every_changed_byte_makes_a_token_invalid()
    {
        var bytes = Base64Url.DecodeFromChars(s_token.Encode(s_key, ""));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Equal("query.page_token_invalid", Refusal(Base64Url.EncodeToString(bytes), s_key, ""));
            bytes[i] ^= 1;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("not a token at all, far too long to be one, and with characters that base64url does not have")]
    public void Other_text_is_invalid(string text) =>
        Assert.Equal("query.page_token_invalid", Refusal(text, s_key, ""));

    [Fact]
    public void Another_spelling_of_the_same_bytes_is_invalid() =>
        Assert.Equal("query.page_token_invalid", Refusal(" " + s_token.Encode(s_key, ""), s_key, ""));

    [Theory]
    [InlineData(null, 50)]
    [InlineData(0, 50)]
    [InlineData(1, 1)]
    [InlineData(1000, 1000)]
    [InlineData(1001, 1000)]
    [InlineData(int.MaxValue, 1000)]
    public void A_page_size_is_coerced(int? requested, int effective) =>
        Assert.Equal(effective, PageSizes.Coerce(requested));

    [Fact]
    public void A_negative_page_size_is_refused() => Assert.Equal(
        "query.page_size", Assert.Throws<QueryRefusedException>(() => PageSizes.Coerce(-1)).Code);

    private static string Refusal(string token, byte[] key, string filter) =>
        Assert.Throws<QueryRefusedException>(() => PageToken.Decode(token, key, filter)).Code;
}
