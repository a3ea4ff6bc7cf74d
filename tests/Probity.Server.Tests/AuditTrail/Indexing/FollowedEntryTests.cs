using System.Text;
using Probity.Server.AuditTrail.Reading;
using Probity.Server.Storage.Followers;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Indexing;

/// <summary>What followers read of an entry before they look closer.</summary>
public sealed class FollowedEntryTests
{
    [Theory]
    [InlineData(
        """{"data":{"type":"wire"},"targets":[{"id":"c","type":"customer"}],"type":"probity.x.y","v":1}""",
        "probity.x.y")]
    [InlineData("""{"actor":{"id":"a","type":"user"},"type":"event","v":1}""", "event")]
    [InlineData("""{"v":1}""", "")]
    [InlineData("", "")]
    [InlineData("""{"type":"cut""", "")]
    public void The_type_is_that_of_the_entry(string body, string type) =>
        Assert.Equal(type, Encoding.UTF8.GetString(EntryTypes.Of(Encoding.UTF8.GetBytes(body))));

    [Fact]
    public void Entries_of_a_batch_stay_apart_and_the_next_batch_takes_the_same_memory()
    {
        var buffer = new EntryBuffer();
        var sizes = Enumerable.Range(0, 200).Select(i => (i * 331 % 65_000) + 1).Append(100_000).ToList();

        var first = sizes.ConvertAll(size => buffer.Add(Filled(size)));
        Assert.All(first.Zip(sizes), pair => Assert.True(pair.First.Span.SequenceEqual(Filled(pair.Second))));

        buffer.Clear();
        buffer.Add("new"u8);
        Assert.True(first[0].Span.SequenceEqual("n"u8)); // It was one byte long, and its place is taken.
    }

    private static byte[] Filled(int size)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, (byte)size);
        return bytes;
    }
}
