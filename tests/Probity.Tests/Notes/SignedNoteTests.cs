using System.Text;
using CsCheck;
using Probity.Ledger.Notes;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class SignedNoteTests
{
    private const string Text = "Two lines of text,\nof which one ends here.\n";

    private static readonly string s_line = TestKeys.Log.SignText(Text) + "\n";
    private static readonly string s_otherLine = TestKeys.Other.SignText(Text) + "\n";

    [Fact]
    public void The_example_of_the_standard_verifies()
    {
        const string Note = "This is an example message.\n\n— example.com/foo "
            + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
        var key = VerifierKey.Parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");

        var verdict = NoteVerification.Verify(SignedNote.Parse(Note), [key]);

        Assert.True(Assert.IsType<NoteVerdict.Verified>(verdict).IsSignedBy(key));
        Assert.Equal(Note, SignedNote.Parse(Note).ToString());
    }

    [Fact]
    public void The_text_may_hold_blank_lines_and_signatures_begin_after_the_last_one()
    {
        // The other example of the standard comes without its key, so it can only be read.
        const string Note = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n"
            + "ed è subito sera.\n\n"
            + "— quasimodo.example/salvatore "
            + "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(Note));

        Assert.EndsWith("\n\ned è subito sera.\n", note.Text, StringComparison.Ordinal);
        Assert.Equal("quasimodo.example/salvatore", Assert.Single(note.Signatures).Name);
        Assert.Equal(0x367ba04bu, note.Signatures[0].KeyId);
        Assert.Equal(Note, note.ToString());
    }

    [Fact]
    public void A_signed_note_is_frozen() =>
        Assert.Equal(
            "Frozen text.\n\n"
                + "— log.example/test "
                + "+uIDU9IYgXUIjxkYnKauRtKtBAzC1YYrcbwyjmGtd4vVDG9t/ZSd4IV8AV0J4HdvJ1cQ72Q655bjrm6apzfZISfw7AU=\n",
            TestKeys.Log.Sign("Frozen text.\n"));

    [Fact]
    public void A_known_signature_verifies_and_an_unknown_one_is_kept_and_ignored()
    {
        var note = SignedNote.Parse(Text + "\n" + s_line + s_otherLine);

        var verdict = Assert.IsType<NoteVerdict.Verified>(NoteVerification.Verify(note, [TestKeys.Log.Key]));

        Assert.Equal(2, note.Signatures.Count);
        Assert.Equal(TestKeys.Log.Key, Assert.Single(verdict.Signatures).Key);
        Assert.Null(verdict.Signatures[0].UnixSeconds);
        Assert.False(verdict.IsSignedBy(TestKeys.Other.Key));
    }

    [Fact]
    public void Several_signers_are_all_verified()
    {
        var note = SignedNote.Create(Text, [TestKeys.Log.SignText(Text)]).With(TestKeys.Other.SignText(Text));

        var verdict = NoteVerification.Verify(
            SignedNote.Parse(note.ToString()), [TestKeys.Other.Key, TestKeys.Log.Key, TestKeys.Log.Key]);

        Assert.Equal([TestKeys.Log.Key, TestKeys.Other.Key],
            Assert.IsType<NoteVerdict.Verified>(verdict).Signatures.Select(s => s.Key));
    }

    [Fact]
    public void A_note_without_a_known_signer_is_refused()
    {
        AssertRefused("note.no_known_signature", Text + "\n" + s_line + s_otherLine);
        AssertRefused("note.no_known_signature", Text + "\n" + s_line, TestKeys.Other.Key);
    }

    [Fact]
    public void A_signature_under_the_name_or_the_id_of_a_known_key_but_not_both_is_ignored()
    {
        var sameName = Text + "\n" + WithKeyId(s_line, 0x01020304);
        var sameId = Text + "\n" + s_line.Replace("log.example", "gol.example", StringComparison.Ordinal);

        AssertRefused("note.no_known_signature", sameName, TestKeys.Log.Key);
        AssertRefused("note.no_known_signature", sameId, TestKeys.Log.Key);
        Assert.IsType<NoteVerdict.Verified>(
            NoteVerification.Verify(SignedNote.Parse(sameName + s_line), [TestKeys.Log.Key]));
    }

    [Fact]
    public void One_failing_signature_of_a_known_key_refuses_the_whole_note()
    {
        AssertRefused("note.invalid_signature", "Another text.\n\n" + s_line, TestKeys.Log.Key);
        AssertRefused("note.invalid_signature",
            Text + "\n" + s_line + TestKeys.Other.SignText("Another text.\n") + "\n",
            TestKeys.Log.Key, TestKeys.Other.Key);
        AssertRefused("note.invalid_signature",
            Text + "\n" + s_line + TestKeys.Log.SignText("Another text.\n") + "\n", TestKeys.Log.Key);
        AssertRefused("note.invalid_signature", Text + "\n" + Lengthened(s_line), TestKeys.Log.Key);
    }

    [Fact]
    public void Two_different_known_keys_of_one_name_and_id_are_ambiguous_when_used()
    {
        // Found by trying 158,560 seeds: 32 bits are an identifier, not a safe hash.
        VerifierKey[] keys =
        [
            VerifierKey.Parse("log.example/test+4052cf5e+Af3i9oQxSFihDBMuSoRlOA6tvq/C32bYqhUOqu57ZZNp"),
            VerifierKey.Parse("log.example/test+4052cf5e+AcV9yINk7wcVBzMsDeqA9f3WQCtEaxzQeUaZg/whAK0B"),
            TestKeys.Log.Key,
        ];

        AssertRefused("note.ambiguous_key", Text + "\n" + WithKeyId(s_line, 0x4052cf5e), keys);
        Assert.IsType<NoteVerdict.Verified>(NoteVerification.Verify(SignedNote.Parse(Text + "\n" + s_line), keys));
    }

    [Fact]
    public void A_key_of_an_unsupported_type_counts_as_unknown_and_is_not_in_the_way()
    {
        var opaque = VerifierKey.Parse($"log.example/test+{TestKeys.Log.Key.KeyId:x8}+BgECAw==");

        var verdict = NoteVerification.Verify(SignedNote.Parse(Text + "\n" + s_line), [opaque, TestKeys.Log.Key]);

        Assert.IsType<NoteVerdict.Verified>(verdict);
        AssertRefused("note.no_known_signature", Text + "\n" + s_line, opaque);
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "note.no_signatures", "" },
        { "note.no_signatures", Text },
        { "note.no_signatures", Text + "\n" },
        { "note.no_signatures", Text + s_line },
        { "note.no_signatures", "\n" + s_line },
        { "note.no_signatures", Text + "\n" + s_line[..^1] },
        { "note.no_signatures", Text + "\n" + s_line + "\n" },
        { "note.no_signatures", Text + "\n" + s_line + s_line[..^1] },
        { "note.signature_line", Text + "\n" + s_line + "\n" + "not a signature\n" },
        { "note.signature_line", Text + "\n" + s_line + "One line too many.\n" },
        { "note.signature_line", Text + "\n" + "One line too many.\n" + s_line },
        { "note.signature_line", Text + "\n" + s_line.Replace("— ", "- ", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("— ", "– ", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("— ", "—", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("— ", "—  ", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("— ", " — ", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("log.", "log ", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("log.", "log\u00a0", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("log.", "log\u3000", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("log.", "log\u0085", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("log.", "log\u2028", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("log.", "log+", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line.Replace("test ", "test  ", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n" + s_line[..^1] + " \n" },
        { "note.signature_line", Text + "\n" + s_line[..^1] + " more\n" },
        { "note.signature_line", Text + "\n" + s_line.Replace("=", "", StringComparison.Ordinal) },
        { "note.signature_line", Text + "\n— log.example/test\n" },
        { "note.signature_line", Text + "\n— log.example/test \n" },
        { "note.signature_line", Text + "\n— log.example/test AQIDBA==\n" },
        { "note.signature_line", Text + "\n— log.example/test AQIDBAV=\n" },
        { "note.signature_line", Text + "\n— log.example/test AQIDBAU\n" },
        { "note.signature_line", Text + "\n— log.example/test AQIDBAU==\n" },
        { "note.signature_line", Text + "\n— log.example/test AQID-_U=\n" },
        { "note.signature_line", Text + "\n—  AQIDBAU=\n" },
        { "note.signature_line", Text + "\n— AQIDBAU=\n" },
        { "note.control_character", "\u0001" + Text + "\n" + s_line },
        { "note.control_character", "A\ttab.\n\n" + s_line },
        { "note.control_character", Text.Replace("\n", "\r\n", StringComparison.Ordinal) + "\n" + s_line },
        { "note.control_character", Text + "\n" + s_line.Replace("log", "l\0g", StringComparison.Ordinal) },
        { "note.control_character", Text + "\n" + s_line[..^1] + "\r\n" },
        { "note.utf8", "\ud800" + Text + "\n" + s_line },
        { "note.too_many_signatures", Text + "\n" + string.Concat(Enumerable.Repeat(s_line, 101)) },
        { "note.too_large", new string('a', SignedNote.MaxBytes) + "\n\n" + s_line },
        { "note.too_large", new string('é', SignedNote.MaxBytes / 2) + "\n\n" + s_line },
    };

    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public void Malformed_notes_are_refused(string code, string note)
    {
        Assert.Equal(code, Assert.Throws<NoteFormatException>(() => SignedNote.Parse(note)).Code);
        if (code != "note.utf8")
        {
            var utf8 = Encoding.UTF8.GetBytes(note);
            Assert.Equal(code, Assert.Throws<NoteFormatException>(() => SignedNote.Parse(utf8)).Code);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0xf4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xe2, 0x80 })]
    public void Bytes_that_are_not_utf8_are_refused(byte[] bad)
    {
        byte[] note = [.. bad, .. Encoding.UTF8.GetBytes(Text + "\n" + s_line)];

        Assert.Equal("note.utf8", Assert.Throws<NoteFormatException>(() => SignedNote.Parse(note)).Code);
    }

    [Fact]
    public void Unusual_but_allowed_notes_are_read()
    {
        Assert.Equal("\n", SignedNote.Parse("\n\n" + s_line).Text);
        Assert.Equal("a\n\n\n", SignedNote.Parse("a\n\n\n\n" + s_line).Text);
        Assert.Equal("\ufeffDEL \u007f and NEL \u0085.\n",
            SignedNote.Parse(Encoding.UTF8.GetBytes("\ufeffDEL \u007f and NEL \u0085.\n\n" + s_line)).Text);
        Assert.Equal(100,
            SignedNote.Parse(Text + "\n" + string.Concat(Enumerable.Repeat(s_line, 100))).Signatures.Count);
        Assert.Equal([5], SignedNote.Parse(Text + "\n— a AQIDBAU=\n").Signatures[0].Bytes.ToArray());
    }

    [Theory]
    [InlineData("note.no_final_newline", "no newline")]
    [InlineData("note.no_final_newline", "")]
    [InlineData("note.control_character", "a\tb\n")]
    public void Texts_that_no_note_can_carry_are_not_signed(string code, string text) =>
        Assert.Equal(code, Assert.Throws<NoteFormatException>(() => TestKeys.Log.Sign(text)).Code);

    [Fact]
    public void A_text_that_has_no_utf8_form_is_not_signed() =>
        Assert.Equal("note.utf8", Assert.Throws<NoteFormatException>(() => TestKeys.Log.Sign("\udc00\n")).Code);

    [Fact]
    public void More_than_a_hundred_signatures_cannot_be_put_together()
    {
        var line = TestKeys.Log.SignText(Text);
        var full = SignedNote.Create(Text, [.. Enumerable.Repeat(line, 100)]);

        Assert.Equal("note.too_many_signatures", Assert.Throws<NoteFormatException>(() => full.With(line)).Code);
        Assert.Throws<ArgumentException>(() => SignedNote.Create(Text, []));
    }

    [Fact]
    public void A_note_is_written_up_to_the_size_at_which_it_is_read()
    {
        var line = TestKeys.Log.SignText(Text);
        var room = SignedNote.MaxBytes - Encoding.UTF8.GetByteCount("\n\n" + line + "\n");

        var largest = SignedNote.Create(new string('a', room) + "\n", [line]).ToString();

        Assert.Equal(SignedNote.MaxBytes, Encoding.UTF8.GetByteCount(largest));
        Assert.Equal(largest, SignedNote.Parse(largest).ToString());
        Assert.Equal("note.too_large", Assert.Throws<NoteFormatException>(
            () => SignedNote.Create(new string('a', room + 1) + "\n", [line])).Code);
        Assert.Equal("note.too_large",
            Assert.Throws<NoteFormatException>(() => SignedNote.Parse(largest).With(line)).Code);
    }

    [Fact]
    public void Many_threads_sign_with_one_key_as_one_does()
    {
        var expected = TestKeys.Log.Sign(Text);

        Parallel.For(0, 500, _ => Assert.Equal(expected, TestKeys.Log.Sign(Text)));
    }

    [Fact]
    public void Whatever_text_is_signed_is_read_and_verified() =>
        Gen.String.Select(t => new string([.. t.Where(c => !char.IsSurrogate(c) && (c >= ' ' || c == '\n'))]) + "\n")
            .Sample(text =>
            {
                var note = SignedNote.Parse(TestKeys.Log.Sign(text));
                Assert.Equal(text, note.Text);
                Assert.IsType<NoteVerdict.Verified>(NoteVerification.Verify(note, [TestKeys.Log.Key]));
            }, iter: 200);

    [Fact]
    public void A_note_bent_by_one_bit_is_refused_or_loses_its_signer()
    {
        var note = Encoding.UTF8.GetBytes(TestKeys.Log.Sign(Text));
        for (var bit = 0; bit < note.Length * 8; bit++)
        {
            var bent = (byte[])note.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Verifies(bent), $"bit {bit}");
        }

        Assert.True(Verifies(note));
    }

    private static bool Verifies(byte[] note)
    {
        try
        {
            return NoteVerification.Verify(SignedNote.Parse(note), [TestKeys.Log.Key]) is NoteVerdict.Verified;
        }
        catch (NoteFormatException)
        {
            return false;
        }
    }

    private static void AssertRefused(string code, string note, params VerifierKey[] keys) =>
        Assert.Equal(code,
            Assert.IsType<NoteVerdict.Refused>(NoteVerification.Verify(SignedNote.Parse(note), keys)).Code);

    private static string WithKeyId(string line, uint keyId)
    {
        var parts = line.TrimEnd('\n').Split(' ');
        var blob = Convert.FromBase64String(parts[2]);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(blob, keyId);
        return $"{parts[0]} {parts[1]} {Convert.ToBase64String(blob)}\n";
    }

    private static string Lengthened(string line)
    {
        var parts = line.TrimEnd('\n').Split(' ');
        return $"{parts[0]} {parts[1]} {Convert.ToBase64String([.. Convert.FromBase64String(parts[2]), 0])}\n";
    }
}
