using System.Security.Cryptography;
using System.Text;
using Probity.Server.AuditTrail.Query;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Query;

public sealed class UnicodeFoldingTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\u1e69", "s\u0323\u0307")]
    [InlineData("x\u0301\u0323", "x\u0323\u0301")]
    [InlineData("\ufb01\u0301\u0327", "fi\u0327\u0301")]
    [InlineData("\uac01", "\u1100\u1161\u11a8")]
    [InlineData("\u2460\uff21", "1A")]
    public void A_text_decomposes(string text, string decomposed) =>
        Assert.Equal(decomposed, UnicodeFolding.Decompose(text));

    [Fact]
    public void Every_code_point_decomposes_as_another_implementation_says()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var value = 0; value < 0x110000; value++)
        {
            if (Rune.IsValid(value))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(UnicodeFolding.Decompose(new Rune(value).ToString())));
            }
        }

        // From Python: sha256 over normalize("NFKD", chr(c)) in UTF-8 for every code point but surrogates.
        Assert.Equal("2b25bc1659dc871d2036719e3a91a26e3ea5ceccd296bc0745996497c2f8aaf3", Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
