using CsCheck;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class CheckpointTests
{
    private const string Root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    [Fact]
    public void The_example_of_the_standard_is_read_and_written()
    {
        const string Text = "example.com/behind-the-sofa\n20852163\n" + Root + "\n";

        var checkpoint = Checkpoint.Parse(Text);

        Assert.Equal("example.com/behind-the-sofa", checkpoint.Origin);
        Assert.Equal(20_852_163, checkpoint.Size);
        Assert.Equal(Root, checkpoint.Root.ToBase64());
        Assert.Empty(checkpoint.Extensions);
        Assert.Equal(Text, checkpoint.ToText());
    }

    [Fact]
    public void Checkpoint_text_is_frozen() =>
        Assert.Equal("log.example/test\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nfirst\nsecond line\n",
            new Checkpoint("log.example/test", 0, MerkleHash.Empty, ["first", "second line"]).ToText());

    [Theory]
    [InlineData("checkpoint.line", "")]
    [InlineData("checkpoint.line", "\n")]
    [InlineData("checkpoint.line", "o\n1\n")]
    [InlineData("checkpoint.line", "o\n1\n" + Root)]
    [InlineData("checkpoint.line", "\n1\n" + Root + "\n")]
    [InlineData("checkpoint.line", "o\n1\n" + Root + "\n\n")]
    [InlineData("checkpoint.line", "o\n1\n" + Root + "\n\nlate\n")]
    [InlineData("checkpoint.line", "o\n1\n" + Root + "\nlate")]
    [InlineData("checkpoint.line", "o\t\n1\n" + Root + "\n")]
    [InlineData("checkpoint.line", "o\r\n1\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n-1\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n+1\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n01\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n00\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n 1\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n1 \n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n1,000\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n0x1\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n1e3\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n٣\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n9223372036854775808\n" + Root + "\n")]
    [InlineData("checkpoint.size", "o\n18446744073709551616\n" + Root + "\n")]
    [InlineData("checkpoint.root", "o\n1\n\n")]
    [InlineData("checkpoint.root", "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n")]
    [InlineData("checkpoint.root", "o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n")]
    [InlineData("checkpoint.root", "o\n1\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("checkpoint.root", "o\n1\n CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("checkpoint.root", "o\n1\nAAAA\n")]
    [InlineData("checkpoint.root", "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")]
    public void Anything_else_is_refused_by_name(string code, string text)
    {
        Assert.Equal(code, Assert.Throws<NoteFormatException>(() => Checkpoint.Parse(text)).Code);
        Assert.False(Checkpoint.TryParse(text, out _));
    }

    [Fact]
    public void The_largest_size_is_read() =>
        Assert.Equal(long.MaxValue, Checkpoint.Parse($"o\n9223372036854775807\n{Root}\n").Size);

    [Fact]
    public void What_cannot_be_written_cannot_be_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Checkpoint("o", -1, default));
        Assert.Throws<NoteFormatException>(() => new Checkpoint("", 1, default));
        Assert.Throws<NoteFormatException>(() => new Checkpoint("\ud800", 1, default));
        Assert.Throws<NoteFormatException>(() => new Checkpoint("a\nb", 1, default));
        Assert.Throws<NoteFormatException>(() => new Checkpoint("o", 1, default, [""]));
    }

    [Fact]
    public void Writing_and_reading_gives_the_same_checkpoint() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Byte.Array[32], Gen.String[Gen.Char[' ', '~'], 1, 9].Array[0, 3])
            .Select((size, root, extensions) => new Checkpoint("o", size, Digest.From(root), extensions))
            .Sample(checkpoint => Checkpoint.Parse(checkpoint.ToText()).Equals(checkpoint));
}
