using Probity.Ledger.Notes;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class VerifierKeyTests
{
    private const string Example = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    [Fact]
    public void A_key_is_read_and_written_in_its_one_form()
    {
        var key = VerifierKey.Parse(Example);

        Assert.Equal("example.com/foo", key.Name);
        Assert.Equal(0x530d903au, key.KeyId);
        Assert.Equal(VerifierKey.Ed25519Note, key.SignatureType);
        Assert.Equal(32, key.PublicKey.Length);
        Assert.True(key.IsSupported);
        Assert.Equal(Example, key.ToString());
        Assert.Equal(key, VerifierKey.Ed25519("example.com/foo", key.PublicKey));
    }

    [Fact]
    public void Keys_of_fixed_seeds_are_frozen()
    {
        Assert.Equal("log.example/test+fae20353+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
            TestKeys.Log.Key.ToString());
        Assert.Equal("witness.example/w1+d9ed62c5+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
            TestKeys.Witness.Key.ToString());
    }

    [Fact]
    public void Every_part_of_a_key_and_every_shifted_character_is_refused()
    {
        for (var start = 0; start <= Example.Length; start++)
        {
            for (var end = start; end <= Example.Length; end++)
            {
                Assert.True(end - start == Example.Length || !Parses(Example[start..end]));
            }
        }

        for (var i = 0; i < Example.Length; i++)
        {
            Assert.False(Parses($"{Example[..i]}{(char)(Example[i] + 1)}{Example[(i + 1)..]}"));
        }
    }

    [Theory]
    [InlineData("vkey.malformed", "")]
    [InlineData("vkey.malformed", "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.malformed", "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.malformed", "example.com/foo+ 30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.malformed", "example.com/foo+0530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.malformed", "example.com /foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.malformed", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n")]
    [InlineData("vkey.malformed", " example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.malformed", "example.com/foo+530d903a+")]
    [InlineData("vkey.malformed", "example.com/foo+530d903a+AQ==")]
    [InlineData("vkey.malformed", "example.com/foo+530d903a")]
    [InlineData("vkey.key_id", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.key_id", "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.key_id", "example.com/foo+530d903a+BOkyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("vkey.public_key", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==")]
    [InlineData("vkey.public_key", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==")]
    public void Other_spellings_and_wrong_keys_are_refused_by_name(string code, string vkey) =>
        Assert.Equal(code, Assert.Throws<NoteFormatException>(() => VerifierKey.Parse(vkey)).Code);

    [Fact]
    public void A_key_of_another_type_is_carried_unchecked_and_not_used()
    {
        var key = VerifierKey.Parse("example.com/pq+00000001+BgECAw==");

        Assert.Equal((byte)6, key.SignatureType);
        Assert.Equal([1, 2, 3], key.PublicKey.ToArray());
        Assert.False(key.IsSupported);
        Assert.Equal("example.com/pq+00000001+BgECAw==", key.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a+b")]
    [InlineData("a\u2003b")]
    [InlineData("a\u0001b")]
    public void Names_that_no_signature_line_can_carry_are_refused(string name) =>
        Assert.Equal("vkey.malformed",
            Assert.Throws<NoteFormatException>(() => NoteSigner.FromSeed(name, TestKeys.Seed(1))).Code);

    [Fact]
    public void A_name_that_has_no_utf8_form_is_refused() =>
        Assert.Equal("vkey.malformed",
            Assert.Throws<NoteFormatException>(() => NoteSigner.FromSeed("a\ud800", TestKeys.Seed(1))).Code);

    [Fact]
    public void Seeds_are_32_bytes() =>
        Assert.Throws<ArgumentException>(() => NoteSigner.FromSeed("a", new byte[31]));

    [Fact]
    public void Signing_after_disposal_throws()
    {
        var signer = NoteSigner.FromSeed("a", TestKeys.Seed(1));
        signer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => signer.Sign("text\n"));
    }

    private static bool Parses(string vkey)
    {
        try
        {
            // A shift can make the type one that is not ours; such a key is carried but verifies nothing.
            return VerifierKey.Parse(vkey).IsSupported;
        }
        catch (NoteFormatException)
        {
            return false;
        }
    }
}
