using System.Text;
using System.Text.Json;
using Probity.Ledger.Json;
using Xunit;

namespace Probity.Tests.Json;

public sealed class JsonItemTests
{
    private static readonly byte[] Document = Encoding.UTF8.GetBytes(
        """{"a":[1,{"b/~c":"\u0078\ud83d\ude00"},[]],"\u006eame":"é","n":-12,"t":true,"f":false,"z":null,"d":1.5,"e":1e3,"o":{}}""");

    [Fact]
    public void Members_are_found_by_their_unescaped_name()
    {
        using var tape = JsonTape.Parse(Document, JsonLimits.Default);

        Assert.True(tape.Root.TryGet("name"u8, out var name));
        Assert.Equal("é", name.GetString());
        Assert.False(tape.Root.TryGet("\\u006eame"u8, out _));
        Assert.False(tape.Root.TryGet("nam"u8, out var none));
        Assert.Equal(JsonValueKind.Undefined, none.Kind);
        Assert.False(name.TryGet("a"u8, out _));
    }

    [Fact]
    public void Kinds_and_values_are_those_of_the_text()
    {
        using var tape = JsonTape.Parse(Document, JsonLimits.Default);

        Assert.Equal(
            [
                JsonValueKind.Array, JsonValueKind.String, JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False,
                JsonValueKind.Null, JsonValueKind.Number, JsonValueKind.Number, JsonValueKind.Object,
            ],
            Members(tape.Root).Select(m => m.Value.Kind));
        Assert.Equal(["a", "name", "n", "t", "f", "z", "d", "e", "o"], Members(tape.Root).Select(m => m.Name.GetString()));
        Assert.Equal(-12, Get(tape, "n"u8).GetInt64());
        Assert.Equal(1000, Get(tape, "e"u8).GetInt64());
        Assert.False(Get(tape, "d"u8).TryGetInt64(out _));
        Assert.Equal(1.5, Get(tape, "d"u8).GetDouble());
        Assert.Equal(9, tape.Root.Count);
        Assert.Equal(3, Get(tape, "a"u8).Count);
        Assert.Equal(0, Get(tape, "o"u8).Count);
    }

    [Fact]
    public void Pointers_lead_to_the_value()
    {
        using var tape = JsonTape.Parse(Document, JsonLimits.Default);
        var elements = new List<JsonItem>();
        foreach (var element in Get(tape, "a"u8).EnumerateArray())
        {
            elements.Add(element);
        }

        Assert.Equal(["/a/0", "/a/1", "/a/2"], elements.Select(e => e.Pointer));
        Assert.Equal("/a/1/b~1~0c", Members(elements[1])[0].Value.Pointer);
        Assert.Equal("/a/1/b~1~0c", Members(elements[1])[0].Name.Pointer);
        Assert.Equal("/name", Get(tape, "name"u8).Pointer);
        Assert.Equal("/o", Get(tape, "o"u8).Pointer);
        Assert.Equal(string.Empty, tape.Root.Pointer);
    }

    [Fact]
    public void Text_is_unescaped_into_the_memory_of_the_caller()
    {
        using var tape = JsonTape.Parse("[\"\\u0078\\ud83d\\ude00\\n\",\"plain\"]"u8.ToArray(), JsonLimits.Default);
        var items = new List<JsonItem>();
        foreach (var item in tape.Root.EnumerateArray())
        {
            items.Add(item);
        }

        var to = new byte[items[0].MaxUnescapedLength];
        Assert.Equal("x😀\n", Encoding.UTF8.GetString(to, 0, items[0].CopyUnescapedUtf8(to)));
        Assert.False(items[0].TryGetUnescaped(out _));
        Assert.True(items[1].TryGetUnescaped(out var plain));
        Assert.Equal("plain"u8, plain);
        Assert.True(items[0].ValueEquals("x😀\n"u8));
        Assert.False(items[0].ValueEquals("x😀"u8));
        Assert.Throws<ArgumentException>(() => items[1].CopyUnescapedUtf8(new byte[4]));
    }

    [Fact]
    public void Raw_bytes_and_offset_are_those_that_were_sent()
    {
        using var tape = JsonTape.Parse(Document, JsonLimits.Default);

        var item = Get(tape, "a"u8);

        Assert.Equal("""[1,{"b/~c":"\u0078\ud83d\ude00"},[]]"""u8, item.Raw);
        Assert.Equal(5, item.ByteOffset);
    }

    [Fact]
    public void Asking_for_the_wrong_kind_is_an_error_that_names_the_place()
    {
        using var tape = JsonTape.Parse("{\"a\":1}"u8.ToArray(), JsonLimits.Default);

        var item = Get(tape, "a"u8);

        Assert.Contains("'/a'", Assert.Throws<InvalidOperationException>(() => item.GetString()).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => item.EnumerateArray());
        Assert.Throws<InvalidOperationException>(() => item.EnumerateObject());
        Assert.Throws<InvalidOperationException>(() => tape.Root.GetInt64());
        Assert.Throws<InvalidOperationException>(() => tape.Root.GetDouble());
        Assert.Throws<InvalidOperationException>(() => item.Count);
        Assert.Throws<InvalidOperationException>(() => default(JsonItem).GetString());
    }

    [Fact]
    public void Items_of_a_disposed_tape_are_not_read()
    {
        var tape = JsonTape.Parse(Document, JsonLimits.Default);
        var item = tape.Root;
        tape.Dispose();
        tape.Dispose();

        Assert.Throws<ObjectDisposedException>(() => item.Kind);
        Assert.Throws<ObjectDisposedException>(() => item.TryGet("a"u8, out _));
    }

    private static JsonItem Get(JsonTape tape, ReadOnlySpan<byte> name)
        => tape.Root.TryGet(name, out var value) ? value : throw new KeyNotFoundException();

    private static List<JsonMember> Members(JsonItem item)
    {
        var members = new List<JsonMember>();
        foreach (var member in item.EnumerateObject())
        {
            members.Add(member);
        }

        return members;
    }
}
