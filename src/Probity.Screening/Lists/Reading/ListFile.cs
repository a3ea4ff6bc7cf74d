using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Probity.Screening.Lists.Reading;

/// <summary>One file of a list: a name to speak of and a way to open its bytes as often as needed.</summary>
/// <remarks>Safe for use from one thread at a time.</remarks>
public sealed class ListFile
{
    private const int HeadBytes = 64 * 1024;

    private readonly Func<Stream> _open;
    private FileFacts? _facts;

    /// <summary>Makes a file.</summary>
    /// <param name="name">What messages call it; a path is allowed and never opened.</param>
    /// <param name="open">Opens the bytes from their beginning; called more than once.</param>
    public ListFile(string name, Func<Stream> open)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(open);
        Name = name;
        _open = open;
    }

    /// <summary>Gets what messages call it.</summary>
    public string Name { get; }

    /// <summary>Gets the name without folders and without <c>.gz</c>.</summary>
    public string PlainName
    {
        get
        {
            var name = Name[(Name.LastIndexOfAny(['/', '\\']) + 1)..];
            return name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        }
    }

    /// <summary>Gets the folder part of the name, empty for none.</summary>
    public string Folder => Name[..Math.Max(Name.LastIndexOfAny(['/', '\\']), 0)];

    /// <summary>Makes a file of bytes in memory.</summary>
    public static ListFile Of(string name, byte[] bytes) => new(name, () => new MemoryStream(bytes, writable: false));

    /// <summary>Opens the content, decompressed when it is gzip, within the default limits.</summary>
    /// <returns>The stream; the caller disposes it. Reading it fails only for a file that a reader refuses
    /// too.</returns>
    public Stream OpenContent() => OpenContent(ListLimits.Default);

    /// <summary>Opens the content, decompressed when it is gzip.</summary>
    /// <exception cref="ListFormatException">On reading: larger than the limits, or broken gzip.</exception>
    [SuppressMessage(
        "Reliability", "CA2000:Dispose objects before losing scope", Justification = "The stream owns it.")]
    internal Stream OpenContent(ListLimits limits)
    {
        var raw = _open();
        try
        {
            Span<byte> magic = stackalloc byte[2];
            var read = raw.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
            raw.Dispose();
            raw = _open();
            var isGzip = read == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
            var counted = new CountedStream(raw);
            return new BoundedStream(Name, isGzip ? new GZipStream(counted, CompressionMode.Decompress) : counted,
                isGzip ? () => counted.Position : null, limits);
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    /// <summary>Opens the bytes as they are.</summary>
    internal Stream OpenRaw() => _open();

    /// <summary>Tells whether the bytes begin as a ZIP archive.</summary>
    internal bool IsZip()
    {
        using var raw = _open();
        Span<byte> magic = stackalloc byte[4];
        var read = raw.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        return ListArchive.IsZip(magic[..read]);
    }

    /// <summary>Reads the file once for its hash, size and encoding; later calls give the same answer.</summary>
    internal FileFacts Inspect(ListLimits limits)
    {
        if (_facts is not null)
        {
            return _facts;
        }

        using var content = OpenContent(limits);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var utf8 = new Utf8Check();
        var head = new byte[HeadBytes];
        var headLength = 0;
        var buffer = new byte[HeadBytes];
        for (int read; (read = content.Read(buffer)) != 0;)
        {
            hash.AppendData(buffer, 0, read);
            utf8.Append(buffer.AsSpan(0, read));
            var copied = Math.Min(read, head.Length - headLength);
            buffer.AsSpan(0, copied).CopyTo(head.AsSpan(headLength));
            headLength += copied;
        }

        var sha = Convert.ToHexStringLower(hash.GetHashAndReset());
        _facts = new FileFacts(sha, content.Position, utf8.Close(), head[..headLength]);
        return _facts;
    }
}

/// <summary>What one pass over a file tells.</summary>
/// <param name="Sha256">SHA-256 of the decompressed bytes, lower-case hexadecimal.</param>
/// <param name="Bytes">How many decompressed bytes.</param>
/// <param name="FirstBadLine">The first line that is not UTF-8, or null when all of it is.</param>
/// <param name="Head">The first bytes, at most 64 KiB.</param>
internal sealed record FileFacts(string Sha256, long Bytes, long? FirstBadLine, byte[] Head);
