using System.Buffers;
using System.Text;
using CsCheck;
using Probity.Ledger.Json;
using Xunit;

namespace Probity.Tests.Json;

public sealed class CanonicalJsonTests
{
    /// <summary>An event of 500 bytes as a client sends it: members in its own order, no white space.</summary>
    internal const string Event =
        """{"action":"account.limit.changed","actor":{"id":"usr_01931b8e","type":"user","name":"Amélie Müller","role":"supervisor","session":"ses_7f3a9c"},"targets":[{"type":"account","id":"acc_559201","name":"Operating account"}],"occurred_at":"2026-11-24T18:19:34.123Z","outcome":"success","reason":{"code":"customer_request","text":"Raised after review","ticket":"OPS-4411"},"context":{"address":"203.0.113.7","request_id":"req_8c1f","service":"limits"},"before":{"limit":5000},"after":{"limit":7500.5},"source":"core"}""";

    [Theory]
    [InlineData("arrays")]
    [InlineData("french")]
    [InlineData("structures")]
    [InlineData("unicode")]
    [InlineData("values")]
    [InlineData("weird")]
    public void Published_documents_have_their_published_form(string name)
    {
        var input = TestData.Bytes($"vectors/jcs/input/{name}.json");
        var output = TestData.Bytes($"vectors/jcs/output/{name}.json");
        var hex = Encoding.ASCII.GetString(TestData.Bytes($"vectors/jcs/outhex/{name}.txt"));

        var canonical = CanonicalJson.Canonicalize(input);

        Assert.Equal(output, canonical);
        Assert.Equal(Convert.FromHexString(string.Concat(hex.Where(char.IsAsciiHexDigit))), canonical);
        Assert.True(CanonicalJson.IsCanonical(output));
        Assert.False(CanonicalJson.IsCanonical(input));
    }

    [Fact]
    public void All_published_documents_are_covered()
    {
        TestData.SkipUnlessPresent("vectors/jcs");

        Assert.Equal(
            ["arrays.json", "french.json", "structures.json", "unicode.json", "values.json", "weird.json"],
            TestData.FileNames("vectors/jcs/input"));
    }

    /// <summary>RFC 8785 §3.2.2, §3.2.3 and our own: the bytes never change again.</summary>
    [Theory]
    [InlineData(
        """
        {
          "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
          "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
          "literals": [null, true, false]
        }
        """,
        """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""")]
    [InlineData(
        """{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}""",
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}")]
    [InlineData("\"\\u0001\\u0008\\u0009\\u000A\\u000b\\u000C\\u000d\\u001F\\u007f</script>\\u2028\"",
        "\"\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\u007f</script>\u2028\"")]
    [InlineData("{\"b\":1,\"a\":2,\"\":3,\"aa\":4,\"a\\u0000\":5}", "{\"\":3,\"a\":2,\"a\\u0000\":5,\"aa\":4,\"b\":1}")]
    [InlineData("[ ]", "[]")]
    [InlineData(" { } ", "{}")]
    [InlineData("[[],{},\"\",0]", "[[],{},\"\",0]")]
    public void Frozen_documents_keep_their_bytes(string json, string canonical)
    {
        var bytes = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json));

        Assert.Equal(canonical, Encoding.UTF8.GetString(bytes));
        Assert.True(CanonicalJson.IsCanonical(bytes));
        Assert.Equal(json == canonical, CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("{\"b\":1,\"a\":2}")]
    [InlineData("{\"a\": 2}")]
    [InlineData(" {}")]
    [InlineData("{}\n")]
    [InlineData("[1 ]")]
    [InlineData("\"\\u0041\"")]
    [InlineData("\"\\/\"")]
    [InlineData("\"\\u001F\"")]
    [InlineData("\"\\u000a\"")]
    [InlineData("[-0]")]
    [InlineData("[1.0]")]
    [InlineData("[1E2]")]
    [InlineData("[1e21]")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"\uE000\":1,\"\U0001F600\":2}")]
    [InlineData("nul")]
    [InlineData("")]
    public void Text_that_differs_from_its_canonical_form_is_not_canonical(string json)
        => Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_event_in_the_order_of_the_client_gets_frozen_bytes()
    {
        using var tape = JsonTape.Parse(Encoding.UTF8.GetBytes(Event), JsonLimits.Default);
        var to = new ArrayBufferWriter<byte>();
        tape.Root.WriteCanonical(to);

        Assert.Equal(
            """{"action":"account.limit.changed","actor":{"id":"usr_01931b8e","name":"Amélie Müller","role":"supervisor","session":"ses_7f3a9c","type":"user"},"after":{"limit":7500.5},"before":{"limit":5000},"context":{"address":"203.0.113.7","request_id":"req_8c1f","service":"limits"},"occurred_at":"2026-11-24T18:19:34.123Z","outcome":"success","reason":{"code":"customer_request","text":"Raised after review","ticket":"OPS-4411"},"source":"core","targets":[{"id":"acc_559201","name":"Operating account","type":"account"}]}""",
            Encoding.UTF8.GetString(to.WrittenSpan));
    }

    [Fact]
    public void Any_document_canonicalises_to_what_a_plain_sorting_writer_prints()
        => JsonTree.Any.Sample(tree =>
        {
            var canonical = CanonicalJson.Canonicalize(tree.Spell(0));

            Assert.Equal(tree.Canonical(), Encoding.UTF8.GetString(canonical));
        });

    [Fact]
    public void Canonicalising_twice_changes_nothing()
        => JsonTree.Any.Sample(tree =>
        {
            var canonical = CanonicalJson.Canonicalize(tree.Spell(0));

            Assert.True(CanonicalJson.IsCanonical(canonical));
            Assert.Equal(canonical, CanonicalJson.Canonicalize(canonical));
        });

    [Fact]
    public void Order_of_members_and_spelling_do_not_matter()
        => Gen.Select(JsonTree.Any, Gen.UInt).Sample((tree, seed) =>
            Assert.Equal(CanonicalJson.Canonicalize(tree.Spell(0)), CanonicalJson.Canonicalize(tree.Spell(seed | 1))));

    [Fact]
    public void The_strict_reader_and_the_plain_canonicaliser_agree()
        => Gen.Select(JsonTree.Any, Gen.UInt).Sample((tree, seed) =>
        {
            var json = tree.Spell(seed);
            using var tape = JsonTape.Parse(json, JsonLimits.Default);
            var to = new ArrayBufferWriter<byte>();
            tape.Root.WriteCanonical(to);

            Assert.Equal(CanonicalJson.Canonicalize(json), to.WrittenSpan);
            Assert.Equal(tape.IsCanonical, json.AsSpan().SequenceEqual(to.WrittenSpan));
            Assert.Equal(tree.Canonical(), JsonTree.Read(tape.Root).Canonical());
        });

    [Fact]
    public void Any_prefix_or_flipped_byte_is_read_or_refused_and_never_fails_otherwise()
        => Gen.Select(JsonTree.Any, Gen.UInt, Gen.UInt, Gen.Byte).Sample((tree, seed, place, flip) =>
        {
            var json = tree.Spell(seed);
            var at = (int)(place % (uint)json.Length);
            AssertReadOrRefused(json[..at]);
            json[at] ^= flip;
            AssertReadOrRefused(json);
        });

    [Fact]
    public void Half_of_a_surrogate_pair_is_an_argument_error()
    {
        var to = new ArrayBufferWriter<byte>();

        Assert.Throws<ArgumentException>(() => CanonicalJson.WriteString(to, "a\ud800"));
        Assert.Throws<ArgumentException>(() => CanonicalJson.WriteStringUtf8(to, [0xED, 0xA0, 0x80]));
        Assert.Equal(0, to.WrittenCount);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    public void Long_strings_with_escapes_are_written_whole(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (i % 5) switch { 0 => "\n", 1 => "é", _ => "x" }));
        var to = new ArrayBufferWriter<byte>();
        CanonicalJson.WriteString(to, text);

        using var tape = JsonTape.Parse(to.WrittenMemory, JsonLimits.Default);

        Assert.Equal(text, tape.Root.GetString());
        Assert.True(tape.IsCanonical);
    }

    [Fact]
    public void Reading_and_canonicalising_an_event_allocates_the_tape_object_only()
    {
        const int rounds = 1_000;
        const int tapeObjectBytes = 80;
        var json = Encoding.UTF8.GetBytes(Event);
        var to = new ArrayBufferWriter<byte>(1_024);
        ReadMany(json, to, rounds);

        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadMany(json, to, rounds);
        var perEvent = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;

        Assert.InRange(perEvent, 0, tapeObjectBytes);
    }

    private static void ReadMany(byte[] json, ArrayBufferWriter<byte> to, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            to.ResetWrittenCount();
            using var tape = JsonTape.Parse(json, JsonLimits.Default);
            tape.Root.WriteCanonical(to);
        }
    }

    private static void AssertReadOrRefused(byte[] json)
    {
        try
        {
            using var tape = JsonTape.Parse(json, JsonLimits.Default);
            var to = new ArrayBufferWriter<byte>();
            tape.Root.WriteCanonical(to);
            Assert.True(CanonicalJson.IsCanonical(to.WrittenSpan));
        }
        catch (JsonRefusedException refusal)
        {
            Assert.InRange(refusal.ByteOffset, 0, json.Length);
        }
    }
}
