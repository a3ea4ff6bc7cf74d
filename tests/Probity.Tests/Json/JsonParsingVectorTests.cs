using System.Buffers;
using System.Text;
using System.Text.Json;
using Probity.Ledger.Json;
using Xunit;

namespace Probity.Tests.Json;

/// <summary>The inputs of JSONTestSuite: y_ must parse, n_ must be refused, i_ is up to us and frozen here.</summary>
public sealed class JsonParsingVectorTests
{
    private const string Folder = "vectors/json-parsing";

    /// <summary>What RFC 8259 allows and the ledger refuses, with the reason.</summary>
    private static readonly Dictionary<string, string> RefusedThoughValid = new()
    {
        ["y_object_duplicated_key.json"] = JsonRefusedException.DuplicateKey,
        ["y_object_duplicated_key_and_value.json"] = JsonRefusedException.DuplicateKey,
        ["y_object_escaped_null_in_key.json"] = JsonRefusedException.Nul,
        ["y_string_null_escape.json"] = JsonRefusedException.Nul,

        // Integers beyond 2^53-1, spelled with an exponent.
        ["y_number.json"] = JsonRefusedException.UnsafeNumber,
        ["y_number_real_capital_e.json"] = JsonRefusedException.UnsafeNumber,
        ["y_number_real_exponent.json"] = JsonRefusedException.UnsafeNumber,
        ["y_number_real_fraction_exponent.json"] = JsonRefusedException.UnsafeNumber,
        ["y_object_extreme_numbers.json"] = JsonRefusedException.UnsafeNumber,
    };

    /// <summary>The code of the refusal, or empty for what is read.</summary>
    private static readonly Dictionary<string, string> Frozen = new()
    {
        ["i_number_double_huge_neg_exp.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_huge_exp.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_neg_int_huge_exp.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_pos_double_huge_exp.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_real_neg_overflow.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_real_pos_overflow.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_real_underflow.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_too_big_neg_int.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_too_big_pos_int.json"] = JsonRefusedException.UnsafeNumber,
        ["i_number_very_big_negative_int.json"] = JsonRefusedException.UnsafeNumber,
        ["i_object_key_lone_2nd_surrogate.json"] = JsonRefusedException.Utf8,
        ["i_string_1st_surrogate_but_2nd_missing.json"] = JsonRefusedException.Utf8,
        ["i_string_1st_valid_surrogate_2nd_invalid.json"] = JsonRefusedException.Utf8,
        ["i_string_UTF-16LE_with_BOM.json"] = JsonRefusedException.Utf8,
        ["i_string_UTF-8_invalid_sequence.json"] = JsonRefusedException.Utf8,
        ["i_string_UTF8_surrogate_U+D800.json"] = JsonRefusedException.Utf8,
        ["i_string_incomplete_surrogate_and_escape_valid.json"] = JsonRefusedException.Utf8,
        ["i_string_incomplete_surrogate_pair.json"] = JsonRefusedException.Utf8,
        ["i_string_incomplete_surrogates_escape_valid.json"] = JsonRefusedException.Utf8,
        ["i_string_invalid_lonely_surrogate.json"] = JsonRefusedException.Utf8,
        ["i_string_invalid_surrogate.json"] = JsonRefusedException.Utf8,
        ["i_string_invalid_utf-8.json"] = JsonRefusedException.Utf8,
        ["i_string_inverted_surrogates_U+1D11E.json"] = JsonRefusedException.Utf8,
        ["i_string_iso_latin_1.json"] = JsonRefusedException.Utf8,
        ["i_string_lone_second_surrogate.json"] = JsonRefusedException.Utf8,
        ["i_string_lone_utf8_continuation_byte.json"] = JsonRefusedException.Utf8,
        ["i_string_not_in_unicode_range.json"] = JsonRefusedException.Utf8,
        ["i_string_overlong_sequence_2_bytes.json"] = JsonRefusedException.Utf8,
        ["i_string_overlong_sequence_6_bytes.json"] = JsonRefusedException.Utf8,
        ["i_string_overlong_sequence_6_bytes_null.json"] = JsonRefusedException.Utf8,
        ["i_string_truncated-utf-8.json"] = JsonRefusedException.Utf8,
        ["i_string_utf16BE_no_BOM.json"] = JsonRefusedException.Utf8,
        ["i_string_utf16LE_no_BOM.json"] = JsonRefusedException.Utf8,
        ["i_structure_500_nested_arrays.json"] = JsonRefusedException.Depth,
        ["i_structure_UTF-8_BOM_empty_object.json"] = JsonRefusedException.Utf8,
    };

    [Fact]
    public void All_318_inputs_are_there()
    {
        TestData.SkipUnlessPresent(Folder);

        Assert.Equal(318, TestData.FileNames(Folder).Count);
        Assert.Equal(Frozen.Keys.Order(StringComparer.Ordinal), TestData.FileNames(Folder, "i_*"));
    }

    [Fact]
    public void Valid_texts_are_read_except_the_named_ones()
    {
        TestData.SkipUnlessPresent(Folder);

        var refused = Names("y_*").Where(name => CodeOf(name).Length != 0).ToDictionary(name => name, CodeOf);

        Assert.Equal(RefusedThoughValid.OrderBy(e => e.Key), refused.OrderBy(e => e.Key));
    }

    [Fact]
    public void Valid_texts_keep_their_meaning_when_canonicalised()
    {
        TestData.SkipUnlessPresent(Folder);

        foreach (var name in Names("y_*").Where(name => CodeOf(name).Length == 0))
        {
            var json = TestData.Bytes($"{Folder}/{name}");
            using var tape = JsonTape.Parse(json, JsonLimits.Default);
            var to = new ArrayBufferWriter<byte>();
            tape.Root.WriteCanonical(to);

            using var before = JsonDocument.Parse(json);
            using var after = JsonDocument.Parse(to.WrittenMemory);
            Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement), name);
            Assert.True(CanonicalJson.IsCanonical(to.WrittenSpan), name);
            Assert.Equal(to.WrittenSpan, CanonicalJson.Canonicalize(json));
        }
    }

    [Fact]
    public void Invalid_texts_are_refused_strictly_and_leniently()
    {
        TestData.SkipUnlessPresent(Folder);

        Assert.All(Names("n_*"), name => Assert.NotEmpty(CodeOf(name)));
        Assert.All(
            Names("n_*"),
            name => Assert.Throws<JsonRefusedException>(() => CanonicalJson.Canonicalize(TestData.Bytes($"{Folder}/{name}"))));
        Assert.All(Names("n_*"), name => Assert.False(CanonicalJson.IsCanonical(TestData.Bytes($"{Folder}/{name}"))));
    }

    [Fact]
    public void Undefined_texts_have_their_frozen_outcome()
    {
        TestData.SkipUnlessPresent(Folder);

        Assert.Equal(Frozen.OrderBy(e => e.Key), Names("i_*").ToDictionary(name => name, CodeOf).OrderBy(e => e.Key));
    }

    [Fact]
    public void Naughty_strings_come_back_unchanged()
    {
        var json = TestData.Bytes("vectors/blns.json");
        using var reference = JsonDocument.Parse(json);
        var expected = reference.RootElement.EnumerateArray().Select(e => e.GetString()!).ToList();

        using var tape = JsonTape.Parse(json, JsonLimits.Default);
        var canonical = CanonicalJson.Canonicalize(json);
        using var again = JsonTape.Parse(canonical, JsonLimits.Default);

        Assert.True(expected.Count > 500);
        Assert.Equal(expected, Strings(tape.Root));
        Assert.Equal(expected, Strings(again.Root));
        Assert.All(expected, AssertWritesBothWays);
    }

    private static void AssertWritesBothWays(string text)
    {
        var utf16 = new ArrayBufferWriter<byte>();
        var utf8 = new ArrayBufferWriter<byte>();
        CanonicalJson.WriteString(utf16, text);
        CanonicalJson.WriteStringUtf8(utf8, Encoding.UTF8.GetBytes(text));

        Assert.Equal(utf16.WrittenSpan, utf8.WrittenSpan);
        Assert.True(CanonicalJson.IsCanonical(utf8.WrittenSpan));
        using var tape = JsonTape.Parse(utf8.WrittenMemory, JsonLimits.Default);
        Assert.Equal(text, tape.Root.GetString());
    }

    private static List<string> Strings(JsonItem array)
    {
        var strings = new List<string>();
        foreach (var item in array.EnumerateArray())
        {
            strings.Add(item.GetString());
        }

        return strings;
    }

    private static IReadOnlyList<string> Names(string pattern) => TestData.FileNames(Folder, pattern);

    private static string CodeOf(string name)
    {
        try
        {
            JsonTape.Parse(TestData.Bytes($"{Folder}/{name}"), JsonLimits.Default).Dispose();
            return string.Empty;
        }
        catch (JsonRefusedException refusal)
        {
            return refusal.Code;
        }
    }
}
