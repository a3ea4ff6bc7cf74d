using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Tests.Merkle;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class TlogProofTests
{
    private const int Size = 5;
    private const int Index = 2;

    private static readonly Digest[] s_leaves = NaiveTree.Leaves(Size);
    private static readonly string s_text = new Checkpoint("log.example/test", Size, NaiveTree.Root(s_leaves)).ToText();
    private static readonly SignedNote s_note =
        SignedNote.Create(s_text, [TestKeys.Log.SignText(s_text), TestKeys.Witness.Cosign(s_text, 1_700_000_000)]);

    private static readonly TlogProof s_proof = Proof(Index, NaiveTree.Path(Index, s_leaves));
    private static readonly VerifierKey[] s_keys = [TestKeys.Log.Key, TestKeys.Witness.Key, TestKeys.Other.Key];

    [Fact]
    public void A_proof_is_frozen()
    {
        const string Frozen = """
            c2sp.org/tlog-proof@v1
            index 2
            LIeBz0/1KAEpsZCFb/Qxra53viKU/D/9rfiBBXQ/5mc=
            ickF00VZUWxRGB/cCOJU0gY8hP51ivHVbdw8IfTBx4U=
            0uPbHC9yeISg7UZvWfWhA/uuYPj/LGS5JoX6R3NRduc=

            log.example/test
            5
            GJ1JIm/auwxHSdAjk0Z56M8xJdSbxRoNnDadZs4zXw4=

            — log.example/test +uIDU+qQ2V1DvJLGPxQNSONXy5cse2oM4iegUeKXTiLEgunsMEsIzpv/vMWzpkjG+1FLWCC3FrIbkJrGYAvwYz2qqws=
            — witness.example/w1 2e1ixQAAAABlU/EAIzTQdlqPn61jua3MaKuG+F/5zDdURDdg6XJ50m5WN8OLaeKf6yrSCekBazyMoUAM22f6knFvc0MaVBksHZXCDA==

            """;

        Assert.Equal(Frozen, s_proof.ToString());
        Assert.Equal(Frozen, TlogProof.Parse(Frozen).ToString());
    }

    [Fact]
    public void A_proof_verifies_and_names_who_has_signed()
    {
        var verdict = Assert.IsType<TlogProofVerdict.Verified>(
            TlogProof.Parse(s_proof.ToString()).Verify(s_leaves[Index], s_keys));

        Assert.Equal(Size, verdict.Checkpoint.Size);
        Assert.Equal([TestKeys.Log.Key, TestKeys.Witness.Key], verdict.Signatures.Select(s => s.Key));
    }

    [Fact]
    public void Witnesses_that_are_not_known_are_ignored() =>
        Assert.Single(
            Assert.IsType<TlogProofVerdict.Verified>(s_proof.Verify(s_leaves[Index], [TestKeys.Log.Key])).Signatures);

    [Fact]
    public void Extra_data_is_carried()
    {
        var proof = new TlogProof(Index, s_proof.Hashes, s_note.ToString(), "extra"u8.ToArray());

        Assert.StartsWith("c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 2\n", proof.ToString(),
            StringComparison.Ordinal);
        Assert.Equal("extra"u8.ToArray(), TlogProof.Parse(proof.ToString()).Extra!.Value.ToArray());
        Assert.Null(TlogProof.Parse(s_proof.ToString()).Extra);
        Assert.Throws<ArgumentException>(() => new TlogProof(Index, [], s_note.ToString(), []));
    }

    [Fact]
    public void A_log_of_one_entry_has_a_proof_without_hashes()
    {
        var note = TestKeys.Log.Sign(new Checkpoint("log.example/test", 1, s_leaves[0]).ToText());
        var proof = TlogProof.Parse(new TlogProof(0, [], note).ToString());

        Assert.IsType<TlogProofVerdict.Verified>(proof.Verify(s_leaves[0], s_keys));
    }

    [Fact]
    public void Every_refusal_has_its_name()
    {
        AssertRefused("proof.root_mismatch", s_proof, s_leaves[Index + 1]);
        AssertRefused("proof.root_mismatch", Proof(Index + 1, s_proof.Hashes), s_leaves[Index]);
        AssertRefused("proof.length", Proof(Index, [.. s_proof.Hashes.Skip(1)]), s_leaves[Index]);
        AssertRefused("proof.length", Proof(Index, [.. s_proof.Hashes, default]), s_leaves[Index]);
        AssertRefused("proof.length", Proof(Size - 1, s_proof.Hashes), s_leaves[Index]);
        AssertRefused("proof.index_beyond_size", Proof(Size, s_proof.Hashes), s_leaves[Index]);
        AssertRefused("proof.index_beyond_size", Proof(long.MaxValue, s_proof.Hashes), s_leaves[Index]);
        AssertRefused("proof.unknown_log", s_proof, s_leaves[Index], TestKeys.Other.Key);
        AssertRefused("proof.unknown_log", s_proof, s_leaves[Index], TestKeys.Witness.Key);
    }

    [Fact]
    public void A_checkpoint_signed_by_a_known_key_of_another_log_is_refused()
    {
        var proof = new TlogProof(Index, s_proof.Hashes, TestKeys.Other.Sign(s_text));

        AssertRefused("proof.unknown_log", proof, s_leaves[Index]);
    }

    [Fact]
    public void A_witness_named_like_the_log_does_not_speak_for_it()
    {
        using var namesake = Cosigner.FromSeed("log.example/test", TestKeys.Seed(4));
        var note = SignedNote.Create(s_text, [namesake.Cosign(s_text, 1)]);

        AssertRefused("proof.unknown_log",
            new TlogProof(Index, s_proof.Hashes, note.ToString()), s_leaves[Index], namesake.Key);
    }

    [Fact]
    public void A_failing_signature_of_a_known_witness_refuses_the_proof()
    {
        var other = new Checkpoint("log.example/test", Size + 1, NaiveTree.Root(s_leaves)).ToText();
        var note = SignedNote.Create(s_text, [TestKeys.Log.SignText(s_text), TestKeys.Witness.Cosign(other, 1)]);

        AssertRefused("note.invalid_signature", new TlogProof(Index, s_proof.Hashes, note.ToString()), s_leaves[Index]);
    }

    public static TheoryData<string, string, string> Malformed => new()
    {
        { "proof.header", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\n" },
        { "proof.header", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1 \n" },
        { "proof.header", "c2sp.org/tlog-proof@v1\n", "" },
        { "proof.header", "c2sp.org/tlog-proof@v1\n", "\nc2sp.org/tlog-proof@v1\n" },
        { "proof.index", "index 2\n", "" },
        { "proof.index", "index 2\n", "index 02\n" },
        { "proof.index", "index 2\n", "index -2\n" },
        { "proof.index", "index 2\n", "index  2\n" },
        { "proof.index", "index 2\n", "index 2 \n" },
        { "proof.index", "index 2\n", "Index 2\n" },
        { "proof.index", "index 2\n", "index 9223372036854775808\n" },
        { "proof.index", "index 2\n", "extra\nindex 2\n" },
        { "proof.index", "index 2\n", "extra AAAA\nextra AAAA\nindex 2\n" },
        { "proof.index", "index 2\n", "\nindex 2\n" },
        { "proof.extra", "index 2\n", "extra \nindex 2\n" },
        { "proof.extra", "index 2\n", "extra AAA\nindex 2\n" },
        { "proof.extra", "index 2\n", "extra AAB=\nindex 2\n" },
        { "proof.hash", "index 2\n", "index 2\nextra AAAA\n" },
        { "proof.hash", "index 2\n", "index 2\nAAAA\n" },
        { "proof.hash", "=\n\nlog", "\n\nlog" },
        { "proof.hash", "=\n\nlog", "= \n\nlog" },
        { "proof.hash", "\n\nlog", "\nlog" },
        { "checkpoint.size", "\n\nlog", "\n\n\nlog" },
        { "note.no_signatures", "\n\n— log", "\n— log" },
        { "checkpoint.size", "\n5\n", "\n05\n" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_proofs_are_refused_by_name(string code, string part, string instead)
    {
        var text = s_proof.ToString().Replace(part, instead, StringComparison.Ordinal);

        Assert.NotEqual(s_proof.ToString(), text);
        Assert.Equal(code, Assert.Throws<NoteFormatException>(() => TlogProof.Parse(text)).Code);
    }

    [Fact]
    public void Truncated_proofs_are_refused()
    {
        var text = s_proof.ToString();
        var witness = text.LastIndexOf("— witness", StringComparison.Ordinal);

        for (var length = 0; length < text.Length; length++)
        {
            // Up to the end of the log's own line the proof is whole: it has only lost its witness.
            Assert.True(length == witness || !Parses(text[..length]), $"length {length}");
        }
    }

    [Fact]
    public void Limits_are_kept()
    {
        var hashes = Enumerable.Repeat(MerkleHash.Empty, TlogProof.MaxHashes + 1).ToArray();
        var long64 = s_proof.ToString().Replace("index 2\n",
            "index 2\n" + string.Concat(hashes.Select(h => h.ToBase64() + "\n")), StringComparison.Ordinal);

        Assert.Throws<NoteFormatException>(() => Proof(Index, hashes));
        Assert.Equal("proof.too_large", Assert.Throws<NoteFormatException>(() => TlogProof.Parse(long64)).Code);
        Assert.Equal("proof.too_large",
            Assert.Throws<NoteFormatException>(() => TlogProof.Parse(new string('a', TlogProof.MaxBytes + 1))).Code);
        Assert.Equal("note.utf8", Assert.Throws<NoteFormatException>(() => TlogProof.Parse([0xff])).Code);
    }

    private static TlogProof Proof(long index, IReadOnlyList<Digest> hashes) => new(index, hashes, s_note.ToString());

    private static bool Parses(string text)
    {
        try
        {
            return TlogProof.Parse(text) is not null;
        }
        catch (NoteFormatException)
        {
            return false;
        }
    }

    private static void AssertRefused(string code, TlogProof proof, Digest leaf, params VerifierKey[]? keys) =>
        Assert.Equal(code, Assert.IsType<TlogProofVerdict.Refused>(
            proof.Verify(leaf, keys is { Length: > 0 } ? keys : s_keys)).Code);
}
