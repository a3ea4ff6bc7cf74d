using System.IO.Compression;
using ZstdSharp;

namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>Opens a source file, decompressing gzip and Zstandard by what the file begins with, not by its name.</summary>
internal static class SourceFile
{
    public static SourceStream Open(string path)
    {
        var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        Span<byte> magic = stackalloc byte[4];
        var read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        Stream content = magic[..read] switch
        {
            [0x1F, 0x8B, ..] => new GZipStream(file, CompressionMode.Decompress, leaveOpen: true),
            [0x28, 0xB5, 0x2F, 0xFD] => new DecompressionStream(file, leaveOpen: true),
            _ => file,
        };
        return new SourceStream(file, content);
    }
}

/// <summary>An open source file: its text, and how many bytes of the file itself are read.</summary>
internal sealed class SourceStream(FileStream file, Stream content) : IAsyncDisposable
{
    public Stream Content => content;

    /// <summary>Gets how far the file is read, in compressed bytes when it is compressed.</summary>
    public long FileBytesRead => file.Position;

    public async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        await file.DisposeAsync();
    }
}
