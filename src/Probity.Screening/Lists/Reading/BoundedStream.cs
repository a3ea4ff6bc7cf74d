namespace Probity.Screening.Lists.Reading;

/// <summary>Counts what is read from the stream below.</summary>
internal sealed class CountedStream(Stream inner) : ReadOnlyStream(inner)
{
    public override int Read(byte[] buffer, int offset, int count) => Counted(Inner.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Counted(Inner.Read(buffer));
}

/// <summary>Ends the reading of a file that grows beyond the limits, and names broken compression.</summary>
internal sealed class BoundedStream(string name, Stream inner, Func<long>? compressed, ListLimits limits)
    : ReadOnlyStream(inner)
{
    private const long RatioFrom = 1024 * 1024;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = Counted(Inner.Read(buffer));
        }
        catch (InvalidDataException)
        {
            throw new ListFormatException(new ListFault(ListFaultKind.Structure, name, null, null,
                "The compressed data are damaged.", "Download the file again."));
        }

        if (Position > limits.FileBytes || IsBomb())
        {
            throw new ListFormatException(new ListFault(ListFaultKind.TooLarge, name, null, null,
                $"The file has more than {limits.FileBytes} bytes, or grows more than {limits.CompressionRatio} times.",
                "Check where it comes from; a list is never that large."));
        }

        return read;
    }

    // The decompressor reads ahead by up to 8 KiB, which only makes the ratio look smaller.
    private bool IsBomb() =>
        compressed is not null && Position > RatioFrom && Position / limits.CompressionRatio > compressed();
}

/// <summary>A forward-only stream over another that it owns; its position counts the bytes read.</summary>
internal abstract class ReadOnlyStream(Stream inner) : Stream
{
    private long _position;

    protected Stream Inner { get; } = inner;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected int Counted(int read)
    {
        _position += read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
