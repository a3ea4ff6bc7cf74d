using System.Text.Json;
using Probity.Ledger.Notes;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class WycheproofEd25519Tests
{
    [Fact]
    public void Signatures_are_accepted_and_refused_as_published()
    {
        using var document = JsonDocument.Parse(TestData.Bytes("vectors/wycheproof/ed25519_test.json"));
        var count = 0;
        var wrong = new List<string>();

        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            var key = VerifierKey.Ed25519("wycheproof", Hex(group.GetProperty("publicKey").GetProperty("pk")));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                count++;
                var accepted = key.VerifiesEd25519(Hex(test.GetProperty("msg")), Hex(test.GetProperty("sig")));
                if (accepted != (test.GetProperty("result").GetString() == "valid"))
                {
                    wrong.Add($"{test.GetProperty("tcId")}: {test.GetProperty("comment")}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), count);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_key_of_small_order_or_non_canonical_encoding_verifies_nothing(string hex)
    {
        // With the neutral element as key and as R, and S = 0, the bare equation holds for every message.
        byte[] signature = [1, .. new byte[63]];
        try
        {
            var key = VerifierKey.Ed25519("weak.example", Convert.FromHexString(hex));
            Assert.False(key.VerifiesEd25519("any message"u8, signature));
        }
        catch (NoteFormatException refused)
        {
            Assert.Equal("vkey.public_key", refused.Code);
        }
    }

    private static byte[] Hex(JsonElement element) => Convert.FromHexString(element.GetString()!);
}
