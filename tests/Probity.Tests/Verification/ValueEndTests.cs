using System.Text;
using System.Text.Json;
using CsCheck;
using Probity.Ledger.Verification;
using Probity.Tests.Json;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>Where values end, held against a parser.</summary>
public sealed class ValueEndTests
{
    [Fact]
    public void Every_value_of_every_document_ends_where_a_parser_says() =>
        Gen.Select(JsonTree.Any.Array[1, 6], Gen.UInt).Sample(
            (trees, seed) =>
            {
                var text = new StringBuilder("{");
                for (var i = 0; i < trees.Length; i++)
                {
                    text.Append(i > 0 ? "," : "").Append('"').Append(i).Append("\":")
                        .Append(Encoding.UTF8.GetString(trees[i].Spell(seed)).Trim());
                }

                var json = Encoding.UTF8.GetBytes(text.Append('}').ToString());
                foreach (var (start, end) in Values(json))
                {
                    Assert.Equal(end, ValueEnd.Find(json, start));
                }
            },
            iter: 5_000);

    [Theory]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":\"x,}")]
    [InlineData("{\"a\":\"x\\\",}")]
    [InlineData("{\"a\":[1,{\"b\":2}")]
    public void A_value_that_does_not_end_has_no_end(string json)
    {
        Assert.Equal(-1, ValueEnd.Find(Encoding.UTF8.GetBytes(json), 5));
        Assert.Equal(-1, ValueEnd.Find(Encoding.UTF8.GetBytes("{\"" + new string('p', 200) + json[2..]), 205));
    }

    /// <summary>Where the values of the outermost object begin, and where the character after each stands.</summary>
    private static List<(int Start, int End)> Values(byte[] json)
    {
        var values = new List<(int, int)>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.BytesConsumed;
            reader.Skip();
            values.Add((start, (int)reader.BytesConsumed));
        }

        return values;
    }
}
