using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Probity.Server.Keys;

namespace Probity.Server.Custody.Backup;

/// <summary>What a backup says of itself without a key.</summary>
/// <param name="Format">Always <see cref="SealedFile.Format"/>.</param>
/// <param name="Id"><c>bak_</c> and a UUIDv7.</param>
/// <param name="Store">sqlite or postgresql.</param>
/// <param name="Log">The origin of the log.</param>
/// <param name="Size">Entries of the log.</param>
/// <param name="Checkpoint">The signed checkpoint of that size.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="RootFingerprint">Which root key opens it.</param>
/// <param name="Key">The file's own key, wrapped under the root key, in base64.</param>
internal sealed record BackupHeader(
    string Format, string Id, string Store, string Log, long Size, string Checkpoint, DateTimeOffset CreatedAt,
    string RootFingerprint, string Key);

/// <summary>
/// The form of a backup: a line of JSON, then chunks of 64 KiB under AES-256-GCM. Each chunk is bound to the header,
/// its
/// number and whether it is the last, so that none can be changed, moved, left out or cut off. The key is drawn for the
/// file and wrapped under the root key, which is not in it; the chunk's number is its nonce.
/// </summary>
internal static class SealedFile
{
    public const string Format = "probity-backup-v1";
    public const int ChunkBytes = 64 * 1024;
    private const string Kind = "backup";

    public static byte[] WrapKey(IRootKey root, ReadOnlySpan<byte> key, string id) => root.Wrap(key, id, Kind);

    public static byte[] UnwrapKey(IRootKey root, BackupHeader header) =>
        root.Unwrap(Convert.FromBase64String(header.Key), header.Id, Kind);

    public static byte[] HeaderLine(BackupHeader header) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(header), (byte)'\n'];

    /// <summary>Reads the header and leaves the stream behind it.</summary>
    /// <exception cref="InvalidDataException">It is no backup of ours.</exception>
    public static (BackupHeader Header, byte[] Line) ReadHeader(Stream file)
    {
        var line = new List<byte>(1_024);
        for (var next = file.ReadByte(); next >= 0 && line.Count < ChunkBytes; next = file.ReadByte())
        {
            line.Add((byte)next);
            if (next == '\n')
            {
                break;
            }
        }

        try
        {
            var header = JsonSerializer.Deserialize<BackupHeader>(line.ToArray().AsSpan().TrimEnd((byte)'\n'));
            return header?.Format == Format ? (header, [.. line])
                : throw new InvalidDataException("The file is no backup of Probity.");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException("The file is no backup of Probity.", fault);
        }
    }

    public static void Nonce(Span<byte> nonce, long number)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[4..], number);
    }

    public static byte[] Aad(byte[] headerDigest, long number, bool isLast)
    {
        var aad = new byte[headerDigest.Length + 9];
        headerDigest.CopyTo(aad, 0);
        BinaryPrimitives.WriteInt64BigEndian(aad.AsSpan(headerDigest.Length), number);
        aad[^1] = isLast ? (byte)1 : (byte)0;
        return aad;
    }
}

/// <summary>Encrypts what is written; <see cref="Finish"/> writes the last chunk. Not thread safe.</summary>
internal sealed class SealingStream : Stream
{
    private readonly Stream _to;
    private readonly AesGcm _cipher;
    private readonly byte[] _headerDigest;
    private readonly byte[] _plain = new byte[SealedFile.ChunkBytes];
    private readonly byte[] _sealed = new byte[SealedFile.ChunkBytes + IFieldCipher.TagBytes];
    private int _filled;
    private long _number;

    public SealingStream(Stream to, byte[] key, byte[] headerLine)
    {
        (_to, _cipher, _headerDigest) = (to, new AesGcm(key, IFieldCipher.TagBytes), SHA256.HashData(headerLine));
        to.Write(headerLine);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set =>
        throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_filled == _plain.Length)
            {
                Seal(isLast: false);
            }

            var part = buffer[..Math.Min(buffer.Length, _plain.Length - _filled)];
            part.CopyTo(_plain.AsSpan(_filled));
            _filled += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    /// <summary>Writes the last chunk: a file without it is told to be cut off.</summary>
    public void Finish() => Seal(isLast: true);

    public override void Flush() => _to.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        base.Dispose(disposing);
    }

    private void Seal(bool isLast)
    {
        Span<byte> nonce = stackalloc byte[IFieldCipher.NonceBytes];
        SealedFile.Nonce(nonce, _number);
        var sealedPart = _sealed.AsSpan(0, _filled + IFieldCipher.TagBytes);
        _cipher.Encrypt(
            nonce, _plain.AsSpan(0, _filled), sealedPart[.._filled], sealedPart[_filled..],
            SealedFile.Aad(_headerDigest, _number, isLast));
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, sealedPart.Length | (isLast ? int.MinValue : 0));
        _to.Write(length);
        _to.Write(sealedPart);
        (_filled, _number) = (0, _number + 1);
    }
}

/// <summary>Decrypts a backup while it is read; a chunk that does not fit ends it. Not thread safe.</summary>
internal sealed class OpeningStream(Stream from, byte[] key, byte[] headerLine) : Stream
{
    private readonly AesGcm _cipher = new(key, IFieldCipher.TagBytes);
    private readonly byte[] _headerDigest = SHA256.HashData(headerLine);
    private readonly byte[] _sealed = new byte[SealedFile.ChunkBytes + IFieldCipher.TagBytes];
    private readonly byte[] _plain = new byte[SealedFile.ChunkBytes];
    private int _at;
    private int _filled;
    private long _number;
    private bool _isOver;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set =>
        throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">The file was altered or cut off.</exception>
    public override int Read(byte[] buffer, int offset, int count)
    {
        while (_at == _filled)
        {
            if (_isOver)
            {
                return 0;
            }

            Open();
        }

        var part = Math.Min(count, _filled - _at);
        _plain.AsSpan(_at, part).CopyTo(buffer.AsSpan(offset));
        _at += part;
        return part;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_plain);
        base.Dispose(disposing);
    }

    private void Open()
    {
        Span<byte> prefix = stackalloc byte[4];
        if (from.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            throw new InvalidDataException("The backup ends before its last part: it was cut off.");
        }

        var word = BinaryPrimitives.ReadInt32BigEndian(prefix);
        var isLast = word < 0;
        var length = word & int.MaxValue;
        if (length < IFieldCipher.TagBytes || length > _sealed.Length
            || from.ReadAtLeast(_sealed.AsSpan(0, length), length, throwOnEndOfStream: false) < length)
        {
            throw new InvalidDataException($"Part {_number} of the backup is cut off or damaged.");
        }

        Decrypt(length, isLast);
        (_at, _filled, _number, _isOver) = (0, length - IFieldCipher.TagBytes, _number + 1, isLast);
        if (isLast && from.ReadByte() >= 0)
        {
            throw new InvalidDataException("Something follows the last part of the backup.");
        }
    }

    private void Decrypt(int length, bool isLast)
    {
        Span<byte> nonce = stackalloc byte[IFieldCipher.NonceBytes];
        SealedFile.Nonce(nonce, _number);
        var plain = length - IFieldCipher.TagBytes;
        try
        {
            _cipher.Decrypt(
                nonce, _sealed.AsSpan(0, plain), _sealed.AsSpan(plain, IFieldCipher.TagBytes), _plain.AsSpan(0, plain),
                SealedFile.Aad(_headerDigest, _number, isLast));
        }
        catch (CryptographicException fault)
        {
            throw new InvalidDataException($"Part {_number} of the backup was altered or moved.", fault);
        }
    }
}
