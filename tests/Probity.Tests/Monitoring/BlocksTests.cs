using CsCheck;
using Probity.Monitoring.Evaluation;
using Xunit;

namespace Probity.Tests.Monitoring;

/// <summary>Room for logs: no two blocks share a place, and what is given back is taken again.</summary>
public sealed class BlocksTests
{
    private static readonly Gen<(bool IsTake, int Length, int Which)[]> s_steps =
        Gen.Select(Gen.Bool, Gen.Frequency((9, Gen.Int[1, 600]), (1, Gen.Int[100_000, 200_000])), Gen.Int[0, 1_000])
            .Array[1, 200];

    /// <summary>Whatever is taken and given back, each block keeps what was written into it.</summary>
    [Fact]
    public void Blocks_share_no_place() => s_steps.Sample(
        steps =>
        {
            var blocks = new Blocks<long>();
            var held = new List<(Block<long> Block, int Mark)>();
            foreach (var (isTake, length, which) in steps)
            {
                if (isTake || held.Count == 0)
                {
                    var taken = blocks.Take(length);
                    taken.Span.Fill(which);
                    held.Add((taken, which));
                    if (taken.Length < length || taken.Length > length + Math.Max(0, length / 4))
                    {
                        return false;
                    }
                }
                else
                {
                    blocks.Give(held[which % held.Count].Block);
                    held.RemoveAt(which % held.Count);
                }
            }

            return held.TrueForAll(item => item.Block.Span.IndexOfAnyExcept(item.Mark) < 0);
        },
        iter: 300);

    /// <summary>A block of a size is the one of that size that was given back last, as it was.</summary>
    [Fact]
    public void What_is_given_back_is_taken_again()
    {
        var blocks = new Blocks<int>();
        var block = blocks.Take(9);
        block[3] = 7;
        blocks.Give(block);
        var other = blocks.Take(5);
        var again = blocks.Take(10);
        other[3] = 8;
        Assert.Equal(7, again[3]);
        again[3] = 9;
        Assert.Equal(9, block[3]);
        Assert.Equal(0, blocks.Take(10)[3]);
    }

    /// <summary>One that would leave much of a piece unused is an array of its own, and is not kept.</summary>
    [Fact]
    public void A_large_one_is_not_kept()
    {
        var blocks = new Blocks<byte>();
        var block = blocks.Take(2_000_000);
        block[0] = 1;
        blocks.Give(block);
        Assert.Equal(2_000_000, block.Length);
        Assert.Equal(0, blocks.Take(2_000_000)[0]);
    }

    /// <summary>Whatever the size of what is held: a block is taken again, or was an array of its own.</summary>
    [Theory]
    [InlineData(30_000, true)]
    [InlineData(32_768, true)]
    [InlineData(32_769, false)]
    [InlineData(37_000, false)]
    public void No_room_is_lost_near_the_largest_block(int least, bool isTakenAgain)
    {
        var blocks = new Blocks<LoggedEvent>();
        var block = blocks.Take(least);
        block[0] = new LoggedEvent(1, 2, 3, 0, 0, default);
        blocks.Give(block);

        Assert.Equal(isTakenAgain, blocks.Take(least)[0].Number == 1);
        Assert.Equal(isTakenAgain, block.Length > least || least == 32_768);
    }

    /// <summary>None of no length; giving it back is nothing.</summary>
    [Fact]
    public void No_block_has_no_places()
    {
        var blocks = new Blocks<int>();
        blocks.Give(default);
        Assert.True(default(Block<int>).Span.IsEmpty);
        Assert.Equal(1, blocks.Take(1).Length);
    }
}
