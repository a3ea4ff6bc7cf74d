using System.Globalization;
using System.Text;
using Probity.Ledger.Json;
using Xunit;

namespace Probity.Tests.Json;

public sealed class JsonRefusalTests
{
    [Theory]
    [InlineData("", "json.syntax", "", 0)]
    [InlineData("  ", "json.syntax", "", 2)]
    [InlineData("{\"a\":1,}", "json.syntax", "", 7)]
    [InlineData("{\"a\":[1,]}", "json.syntax", "/a", 8)]
    [InlineData("{\"a\":[1,x]}", "json.syntax", "/a", 8)]
    [InlineData("{\"a\":[1,tru]}", "json.syntax", "/a/1", 8)]
    [InlineData("{\"a\":[1 2]}", "json.syntax", "/a", 8)]
    [InlineData("{\"a\":{\"b\":}}", "json.syntax", "/a/b", 10)]
    [InlineData("{\"a\" 1}", "json.syntax", "/a", 5)]
    [InlineData("{a:1}", "json.syntax", "", 1)]
    [InlineData("[1]/*c*/", "json.syntax", "", 3)]
    [InlineData("{\"a\":01}", "json.syntax", "/a", 5)]
    [InlineData("{\"a\":\"\t\"}", "json.syntax", "/a", 6)]
    [InlineData("{\"a\":\"\\x\"}", "json.syntax", "/a", 6)]
    [InlineData("{\"a\":\"b", "json.syntax", "/a", 5)]
    [InlineData("[1][2]", "json.syntax", "", 3)]
    [InlineData("[1", "json.syntax", "", 2)]
    [InlineData("[{\"a\":1},{\"b\":1,\"b\":2}]", "json.duplicate_key", "/1/b", 16)]
    [InlineData("{\"a\":1,\"\\u0061\":2}", "json.duplicate_key", "/a", 7)]
    [InlineData("{\"\\u0061\":1,\"b\":1,\"a\":2}", "json.duplicate_key", "/a", 18)]
    [InlineData("{\"x\":{\"~/\":1,\"~\\/\":2}}", "json.duplicate_key", "/x/~0~1", 13)]
    [InlineData("{\"\":1,\"\":2}", "json.duplicate_key", "/", 6)]
    [InlineData("{\"a\":\"b\\u0000\"}", "json.nul", "/a", 7)]
    [InlineData("{\"a\":\"b\0\"}", "json.nul", "/a", 7)]
    [InlineData("{\"a\":{\"b\\u0000\":1}}", "json.nul", "/a", 8)]
    [InlineData("[0,\"\\ud800\"]", "json.utf8", "/1", 4)]
    [InlineData("[0,\"\\udc00\\ud800\"]", "json.utf8", "/1", 4)]
    [InlineData("[0,\"\\ud800\\u0041\"]", "json.utf8", "/1", 4)]
    [InlineData("[0,\"\\ud83dx\"]", "json.utf8", "/1", 4)]
    [InlineData("\uFEFF{}", "json.utf8", "", 0)]
    public void Text_is_refused_with_code_pointer_and_offset(string json, string code, string place, int offset)
    {
        var refusal = Refusal(json);

        Assert.Equal((code, place, (long)offset), (refusal.Code, refusal.Pointer, refusal.ByteOffset));
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_utf8_is_refused_where_it_stands()
    {
        byte[] json = [.. "{\"a\":[0,\"b"u8, 0xC0, 0x80, .. "\"]}"u8];

        var refusal = Assert.Throws<JsonRefusedException>(() => JsonTape.Parse(json, JsonLimits.Default));

        Assert.Equal(("json.utf8", "/a/1", 10L), (refusal.Code, refusal.Pointer, refusal.ByteOffset));
    }

    [Theory]
    [InlineData("9007199254740992")]
    [InlineData("-9007199254740992")]
    [InlineData("9007199254740993")]
    [InlineData("9007199254740993.0")]
    [InlineData("900719925474099.3e1")]
    [InlineData("9007199254740993e0")]
    [InlineData("1e20")]
    [InlineData("1e16")]
    [InlineData("10000000000000000")]
    [InlineData("1e400")]
    [InlineData("-1e99999999999999999999")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("1.1000000000000001")]
    [InlineData("0.1000000000000000055511151231257827")]
    [InlineData("3.141592653589793238")]
    [InlineData("9007199254740993.5")]
    [InlineData("4503599627370497.5")]
    [InlineData("4.9e-324")]
    [InlineData("1e-400")]
    [InlineData("1e-99999999999999999999")]
    public void Numbers_that_a_double_changes_are_refused(string number)
    {
        var refusal = Refusal($"{{\"amount\":{number}}}");

        Assert.Equal(("json.unsafe_number", "/amount", 10L), (refusal.Code, refusal.Pointer, refusal.ByteOffset));
        Assert.Contains("send it as a string", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("0e99999999999999999999", "0")]
    [InlineData("9007199254740991", "9007199254740991")]
    [InlineData("-9007199254740991", "-9007199254740991")]
    [InlineData("9007199254740991.000", "9007199254740991")]
    [InlineData("9.007199254740991e15", "9007199254740991")]
    [InlineData("100e-2", "1")]
    [InlineData("1E3", "1000")]
    [InlineData("12.50", "12.5")]
    [InlineData("12.5", "12.5")]
    [InlineData("0.1", "0.1")]
    [InlineData("0.30000000000000004", "0.30000000000000004")]
    [InlineData("3.141592653589793", "3.141592653589793")]
    [InlineData("2251799813685249.5", "2251799813685249.5")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("1e-7", "1e-7")]
    [InlineData("1e-07", "1e-7")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("2.2250738585072014e-308", "2.2250738585072014e-308")]
    public void Numbers_that_a_double_keeps_are_read(string number, string canonical)
    {
        using var tape = JsonTape.Parse(Encoding.ASCII.GetBytes(number), JsonLimits.Default);
        var to = new System.Buffers.ArrayBufferWriter<byte>();
        tape.Root.WriteCanonical(to);

        Assert.Equal(canonical, Encoding.ASCII.GetString(to.WrittenSpan));
        Assert.Equal(number == canonical, tape.IsCanonical);
    }

    [Theory]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1e-400", "0")]
    [InlineData("1.1000000000000001", "1.1")]
    [InlineData("\"\\u0000\"", "\"\\u0000\"")]
    public void Plain_rfc_8785_rounds_numbers_and_keeps_nul(string json, string canonical)
        => Assert.Equal(canonical, Encoding.ASCII.GetString(CanonicalJson.Canonicalize(Encoding.ASCII.GetBytes(json))));

    [Theory]
    [InlineData("1e400", "json.unsafe_number")]
    [InlineData("-1e99999999999999999999", "json.unsafe_number")]
    [InlineData("{\"a\":1,\"\\u0061\":1}", "json.duplicate_key")]
    [InlineData("\"\\ud800\"", "json.utf8")]
    [InlineData("[1,]", "json.syntax")]
    public void Plain_rfc_8785_refuses_what_is_no_i_json(string json, string code)
    {
        var refusal = Assert.Throws<JsonRefusedException>(() => CanonicalJson.Canonicalize(Encoding.ASCII.GetBytes(json)));

        Assert.Equal(code, refusal.Code);
    }

    [Fact]
    public void Depth_is_refused_above_the_limit_and_allowed_at_it()
    {
        var limits = new JsonLimits(MaxDepth: 3);

        JsonTape.Parse("[{\"a\":[1]}]"u8.ToArray(), limits).Dispose();
        var refusal = Assert.Throws<JsonRefusedException>(() => JsonTape.Parse("[{\"a\":[0,[]]}]"u8.ToArray(), limits));

        Assert.Equal(("json.depth", "/0/a/1", 9L), (refusal.Code, refusal.Pointer, refusal.ByteOffset));
    }

    [Fact]
    public void Size_is_refused_above_the_limit_and_allowed_at_it()
    {
        var limits = new JsonLimits(MaxBytes: 4);

        JsonTape.Parse("true"u8.ToArray(), limits).Dispose();
        var refusal = Assert.Throws<JsonRefusedException>(() => JsonTape.Parse("false"u8.ToArray(), limits));

        Assert.Equal(("json.size", 4L), (refusal.Code, refusal.ByteOffset));
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(1, 0)]
    [InlineData(1, 1025)]
    public void Limits_outside_their_range_are_an_argument_error(int maxBytes, int maxDepth)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new JsonLimits(maxBytes, maxDepth));

    [Theory]
    [InlineData(17)]
    [InlineData(2_000)]
    public void The_first_repeat_in_a_large_object_is_found(int members)
    {
        var names = Enumerable.Range(0, members).Select(i => $"name-with-a-long-common-start-{i * 7919 % members}").ToList();
        names.Add(names[5]);
        names.Add(names[3]);
        var json = "{" + string.Join(',', names.Select(n => $"\"{n}\":0")) + "}";

        var refusal = Refusal(json);

        Assert.Equal(("json.duplicate_key", "/" + names[5]), (refusal.Code, refusal.Pointer));
        Assert.Equal(json.LastIndexOf($"\"{names[5]}\"", StringComparison.Ordinal), refusal.ByteOffset);
    }

    /// <summary>In n log n steps some hundredths of a second; in n², 800 million comparisons with unescaping.</summary>
    [Fact]
    public async Task A_hostile_object_is_ordered_in_reasonable_time()
    {
        var json = new StringBuilder("{");
        for (var i = 40_000; i > 0; i--)
        {
            json.Append(CultureInfo.InvariantCulture, $"\"\\u0061aaaaaaaaaaa{i:x}\":0,");
        }

        json[^1] = '}';
        var utf8 = Encoding.ASCII.GetBytes(json.ToString());

        var canonical = await Task.Run(() => CanonicalJson.Canonicalize(utf8)).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.True(CanonicalJson.IsCanonical(canonical));
    }

    private static JsonRefusedException Refusal(string json)
        => Assert.Throws<JsonRefusedException>(() => JsonTape.Parse(Encoding.UTF8.GetBytes(json), JsonLimits.Default));
}
