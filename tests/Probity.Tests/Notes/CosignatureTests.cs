using System.Buffers.Binary;
using System.Text;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class CosignatureTests
{
    private const long Time = 1_679_315_147;

    private static readonly string s_text = new Checkpoint("log.example/test", 3, MerkleHash.Leaf("root"u8)).ToText();
    private static readonly NoteSignature s_cosignature = TestKeys.Witness.Cosign(s_text, Time);

    [Fact]
    public void A_cosignature_is_frozen() =>
        Assert.Equal(
            "— witness.example/w1 "
                + "2e1ixQAAAABkGFDLaj3TV/aMd1tbn3eZwfJ4E+/JJfTnwMxca34cBN5domdrKBsi9klBwA6tzx2fWl1dry4/JpX+MsrXlIGJZaADDQ==",
            s_cosignature.ToString());

    [Fact]
    public void The_signed_message_is_that_of_the_standard() =>
        Assert.Equal(
            "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
                + "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
            Encoding.UTF8.GetString(Cosignature.Message(Time,
                "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"u8)));

    [Fact]
    public void A_cosigned_checkpoint_verifies_with_its_time()
    {
        var note = SignedNote.Create(s_text, [TestKeys.Log.SignText(s_text), s_cosignature]);

        var verdict = NoteVerification.Verify(
            SignedNote.Parse(note.ToString()), [TestKeys.Log.Key, TestKeys.Witness.Key]);

        Assert.Equal([null, Time], Assert.IsType<NoteVerdict.Verified>(verdict).Signatures.Select(s => s.UnixSeconds));
    }

    [Fact]
    public void Extension_lines_are_part_of_what_is_cosigned()
    {
        var extended = s_text + "extension\n";
        var cosignature = TestKeys.Witness.Cosign(extended, Time);

        Assert.IsType<NoteVerdict.Verified>(Verify(extended, cosignature));
        AssertInvalid(Verify(s_text, cosignature));
    }

    [Fact]
    public void Two_cosignatures_of_one_witness_at_different_times_both_verify()
    {
        var later = TestKeys.Witness.Cosign(s_text, Time + 1);

        var verdict = Assert.IsType<NoteVerdict.Verified>(
            NoteVerification.Verify(SignedNote.Create(s_text, [s_cosignature, later]), [TestKeys.Witness.Key]));

        Assert.Equal([Time, Time + 1], verdict.Signatures.Select(s => s.UnixSeconds));
    }

    [Fact]
    public void Another_time_another_length_and_a_negative_time_are_refused()
    {
        AssertInvalid(Verify(s_text, Bent(b => BinaryPrimitives.WriteInt64BigEndian(b, Time + 1))));
        AssertInvalid(Verify(s_text, Bent(b => BinaryPrimitives.WriteUInt64BigEndian(b, 1UL << 63))));
        AssertInvalid(Verify(s_text, Of(s_cosignature.Bytes[..^1])));
        AssertInvalid(Verify(s_text, Of([.. s_cosignature.Bytes, 0])));
        AssertInvalid(Verify(s_text, Of(s_cosignature.Bytes[8..])));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestKeys.Witness.Cosign(s_text, -1));
        Assert.IsType<NoteVerdict.Verified>(Verify(s_text, TestKeys.Witness.Cosign(s_text, long.MaxValue)));
    }

    [Theory]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775808")]
    public void A_time_above_the_limit_is_refused_even_when_it_is_signed(string written)
    {
        using var key = Ed25519Key.FromSeed(TestKeys.Seed(3));
        var blob = new byte[72];
        BinaryPrimitives.WriteUInt64BigEndian(blob, 1UL << 63);
        key.Sign(Encoding.UTF8.GetBytes($"cosignature/v1\ntime {written}\n{s_text}"), blob.AsSpan(8));

        AssertInvalid(Verify(s_text, Of(blob)));
    }

    [Fact]
    public void What_is_no_checkpoint_is_neither_cosigned_nor_believed()
    {
        Assert.Throws<NoteFormatException>(() => TestKeys.Witness.Cosign("some text\n", Time));

        using var key = Ed25519Key.FromSeed(TestKeys.Seed(3));
        var blob = new byte[72];
        BinaryPrimitives.WriteInt64BigEndian(blob, Time);
        key.Sign(Cosignature.Message(Time, "some text\n"u8), blob.AsSpan(8));
        AssertInvalid(Verify("some text\n", Of(blob)));
    }

    [Fact]
    public void A_plain_signature_is_no_cosignature_and_the_other_way_round()
    {
        using var sameKey = NoteSigner.FromSeed(TestKeys.Witness.Key.Name, TestKeys.Seed(3));

        Assert.NotEqual(sameKey.Key.KeyId, TestKeys.Witness.Key.KeyId);
        Assert.Equal("note.no_known_signature", Assert.IsType<NoteVerdict.Refused>(NoteVerification.Verify(
            SignedNote.Create(s_text, [sameKey.SignText(s_text)]), [TestKeys.Witness.Key])).Code);
        AssertInvalid(Verify(s_text, Of(sameKey.SignText(s_text).Bytes)));
    }

    private static NoteVerdict Verify(string text, NoteSignature signature) =>
        NoteVerification.Verify(SignedNote.Create(text, [signature]), [TestKeys.Witness.Key]);

    private static void AssertInvalid(NoteVerdict verdict) =>
        Assert.Equal("note.invalid_signature", Assert.IsType<NoteVerdict.Refused>(verdict).Code);

    private static NoteSignature Of(ReadOnlySpan<byte> bytes) =>
        new(TestKeys.Witness.Key.Name, TestKeys.Witness.Key.KeyId, bytes);

    private static NoteSignature Bent(Action<byte[]> bend)
    {
        var bytes = s_cosignature.Bytes.ToArray();
        bend(bytes);
        return Of(bytes);
    }
}
