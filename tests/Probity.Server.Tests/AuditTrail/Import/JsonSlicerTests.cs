using System.Text;
using Probity.Server.AuditTrail.Import;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class JsonSlicerTests
{
    private const string One = """{"action":"a.b","actor":{"id":"x"},"external_id":"1","source":"s"}""";
    private const string Two = """{"action":"a.c","actor":{"id":"}]\\\"[{,"},"external_id":"2","source":"s"}""";

    public static TheoryData<string> Layouts =>
    [
        $"{One}\n{Two}\n",
        $"{One}\r\n\r\n  {Two}  \r\n",
        $"{One}\n{Two}",
        $"\uFEFF{One}\n{Two}",
        $"[{One},{Two}]",
        $"  [\n   {One},\n   {Two}\n]\n",
        $"[{One}]\n[{Two}]",
        $"[{One}][]\n[{Two}]\n",
        $"{{\"Records\":[{One},{Two}]}}",
        $"{{\"version\":[1,{{\"x\":[]}}],\"Records\":[{One},\n{Two}],\"more\":[{{}}]}}",
        $"{{\"Records\":[{One}]}}\n{{\"Records\":[{Two}]}}",
    ];

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Every_layout_gives_the_same_exact_texts(string file)
    {
        // Records is CloudTrail's wrapper; the cut is the same code for every format.
        var slices = await SliceAsync(file);

        Assert.Equal([One, Two], slices);
    }

    [Fact]
    public async Task Objects_over_several_lines_are_cut_between_their_braces()
    {
        const string First = "{\n  \"action\": \"a\",\r\n\t\"actor\": { \"id\": \"x\" } }";

        var slices = await SliceAsync($"{First}\n{One}\n");

        Assert.Equal([First, One], slices);
    }

    [Fact]
    public async Task Line_and_offset_point_at_the_event()
    {
        var file = $"[\n {One},\n\n {Two}]";

        var events = await ImportSamples.ReadAsync("ndjson", file);

        Assert.Equal([(1, 2), (2, 4)], events.Select(found => (found.Ordinal, found.Line)));
        Assert.All(events, found => Assert.Equal((byte)'{', Encoding.UTF8.GetBytes(file)[found.ByteOffset]));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"action":"unclosed""")]
    [InlineData("""{"action":1e}""")]
    [InlineData("""{"action":"x"}}""")]
    [InlineData("[]")]
    [InlineData("12")]
    public async Task A_bad_line_is_refused_and_the_next_ones_go_on(string bad)
    {
        var events = await ImportSamples.ReadAsync("ndjson", $"{One}\n{bad}\n{Two}\n");

        Assert.Equal(3, events.Count);
        Assert.Null(events[0].Refusal);
        Assert.Equal(2, events[1].Line);
        Assert.StartsWith("import.", events[1].Refusal?.Code, StringComparison.Ordinal);
        Assert.Null(events[2].Refusal);
    }

    [Theory]
    [InlineData("""{"action":tru}""", "import.syntax")]
    [InlineData("""{"action" "x"}""", "import.syntax")]
    [InlineData("12", "import.not_an_event")]
    [InlineData("null", "import.not_an_event")]
    [InlineData("\"text, [with] {marks}\"", "import.not_an_event")]
    public async Task A_bad_element_of_an_array_is_refused_and_the_next_ones_go_on(string bad, string code)
    {
        var events = await ImportSamples.ReadAsync("ndjson", $"[{One},\n{bad} ,{Two}]");

        Assert.Equal([null, code, null], events.Select(found => found.Refusal?.Code));
    }

    [Theory]
    [InlineData("[{0},{1}")]
    [InlineData("[{0},{1},")]
    [InlineData("[{0},{1},{{\"action\":")]
    [InlineData("{{\"Records\":[{0},{1}]")]
    [InlineData("{{\"Records\":[{0},{1},{{\"a\":\"")]
    public async Task A_file_that_ends_early_says_so_after_its_whole_events(string pattern)
    {
        var file = string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, One, Two);

        var codes = await CodesAsync(file);

        Assert.Equal([null, null, "import.truncated"], codes);
    }

    [Fact]
    public async Task Text_behind_the_array_is_not_passed_over_silently()
    {
        var codes = await CodesAsync($"[{One}] {Two}");

        Assert.Equal([null, "import.not_an_event"], codes);
    }

    [Theory]
    [InlineData("{0}\n{1}\n{0}")]
    [InlineData("[{0},{1},{0}]")]
    public async Task An_event_over_the_limit_is_refused_by_size_and_the_next_ones_go_on(string pattern)
    {
        var large = $$"""{"action":"{{new string('x', 700_000)}}"}""";
        var file = string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, One, large);

        var events = await ImportSamples.ReadAsync("ndjson", file);

        Assert.Equal([null, "import.too_large", null], events.Select(found => found.Refusal?.Code));
        Assert.Contains("262144", events[1].Refusal?.Detail, StringComparison.Ordinal);
        Assert.Contains(large.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), events[1].Refusal?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_is_too_large_only_with_its_original_is_refused_on_the_wire_size()
    {
        // Every quote of the original takes two bytes on the wire.
        var padding = string.Join(',', Enumerable.Repeat("\"\"", 80_000));
        var text = ImportSamples.CloudTrail[..^1] + $",\"padding\":[{padding}]}}";
        Assert.True(text.Length < ImportLimits.MaxEventBytes);

        var refused = Assert.Single(await ImportSamples.ReadAsync("cloudtrail", text));

        Assert.Equal("import.too_large", refused.Refusal?.Code);
    }

    [Fact]
    public async Task Invalid_utf8_is_refused_for_its_line_alone()
    {
        byte[] file = [.. Encoding.UTF8.GetBytes(One), (byte)'\n', .. "{\"action\":\""u8, 0xC3, 0x28, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes(Two)];

        var events = await ImportSamples.ReadAsync("ndjson", file);

        Assert.Equal([null, "import.utf8", null], events.Select(found => found.Refusal?.Code));
    }

    [Fact]
    public async Task A_file_in_utf16_is_refused_once()
    {
        var file = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes($"{One}\n{Two}\n")).ToArray();

        Assert.Equal("import.utf8", Assert.Single(await ImportSamples.ReadAsync("ndjson", file)).Refusal?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n")]
    [InlineData("[]")]
    [InlineData("{\"Records\":[]}")]
    public async Task An_empty_file_has_no_events(string file)
        => Assert.Empty(await SliceAsync(file));

    private static async Task<string[]> SliceAsync(string file)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(file));
        var texts = new List<string>();
        await foreach (var slice in Server.AuditTrail.Import.Reading.JsonSlicer.ReadAsync(
            stream, ["Records"], TestContext.Current.CancellationToken))
        {
            Assert.Null(slice.Refusal);
            texts.Add(Encoding.UTF8.GetString(slice.Text.Span));
        }

        return [.. texts];
    }

    private static async Task<string?[]> CodesAsync(string file)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(file));
        var codes = new List<string?>();
        await foreach (var slice in Server.AuditTrail.Import.Reading.JsonSlicer.ReadAsync(
            stream, ["Records"], TestContext.Current.CancellationToken))
        {
            codes.Add(slice.Refusal?.Code);
        }

        return [.. codes];
    }
}
