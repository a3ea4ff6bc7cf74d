using System.Buffers;
using System.Text;
using Probity.Ledger.Json;
using Xunit;

namespace Probity.Tests.Json;

/// <summary>The buffer that entries are written into: what goes in comes out, and nothing stays behind.</summary>
public sealed class ByteBufferTests
{
    [Fact]
    public void Pieces_of_any_size_stand_one_behind_the_other()
    {
        var buffer = new ByteBuffer(1);
        var expected = new List<byte>();
        for (var i = 0; i < 500; i++)
        {
            var piece = new byte[i * 7 % 41];
            Array.Fill(piece, (byte)i);
            Write(buffer, piece, i % 4);
            expected.AddRange(piece);
            Assert.Equal(expected.Count, buffer.WrittenCount);
        }

        Assert.Equal(expected.ToArray(), buffer.WrittenSpan.ToArray());
    }

    [Fact]
    public void It_grows_into_new_memory_and_wipes_the_old()
    {
        var buffer = new ByteBuffer(8);
        buffer.Write("secret12"u8);
        var former = buffer.GetMemoryOfWhatIsWritten();
        buffer.Write((byte)'3');
        Assert.Equal("secret123", Encoding.ASCII.GetString(buffer.WrittenSpan));
        Assert.Equal(new byte[8], former.ToArray());
    }

    [Fact]
    public void Clearing_wipes_what_resetting_leaves()
    {
        var buffer = new ByteBuffer(8);
        buffer.Write("secret"u8);
        var memory = buffer.GetMemoryOfWhatIsWritten();
        buffer.ResetWrittenCount();
        Assert.Equal("secret"u8.ToArray(), memory.ToArray());
        buffer.Write("secret"u8);
        buffer.Clear();
        Assert.Equal(new byte[6], memory.ToArray());
        Assert.Equal(0, buffer.WrittenCount);
    }

    [Fact]
    public void It_refuses_to_advance_over_its_end_or_back()
    {
        var buffer = new ByteBuffer(4);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
        Assert.NotEqual(0, buffer.GetSpan().Length);
    }

    private static void Write(ByteBuffer buffer, byte[] piece, int way)
    {
        switch (way)
        {
            case 0:
                buffer.Write(piece);
                break;
            case 1:
                Array.ForEach(piece, buffer.Write);
                break;
            case 2:
                piece.CopyTo(buffer.GetSpan(piece.Length));
                buffer.Advance(piece.Length);
                break;
            default:
                ((IBufferWriter<byte>)buffer).Write(piece.AsSpan());
                break;
        }
    }
}

file static class ByteBufferMemory
{
    /// <summary>The memory behind what is written, to look at after it should have been wiped.</summary>
    public static Memory<byte> GetMemoryOfWhatIsWritten(this ByteBuffer buffer)
    {
        var written = buffer.WrittenCount;
        buffer.ResetWrittenCount();
        var memory = buffer.GetMemory(written)[..written];
        buffer.Advance(written);
        return memory;
    }
}
