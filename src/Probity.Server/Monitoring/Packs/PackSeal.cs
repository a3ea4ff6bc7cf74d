using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Probity.Server.AuditTrail;
using Probity.Server.Keys;
using Probity.Server.Storage;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// The content of a pack at rest: zlib, then nonce, ciphertext and tag of AES-256-GCM under the segment's key, bound to
/// everything else in the row. Where encryption is off, a SHA-256 over the same stands before the zlib. Thread safe.
/// </summary>
internal sealed class PackSeal(LedgerRuntime runtime)
{
    /// <summary>The largest content that is read back.</summary>
    private const int MaxBytes = 256 << 20;

    /// <summary>So much is compressed between two rests.</summary>
    private const int Piece = 16 << 10;

    /// <summary>Seals content into a row whose other members are set.</summary>
    public PackRow Seal(PackRow row, ReadOnlySpan<byte> content)
    {
        var packed = Pack(content);
        if (runtime.SealingCipher is not { } cipher)
        {
            return With(row, null, [.. Digest(row, packed), .. packed]);
        }

        var key = cipher.Rent();
        var text = new byte[IFieldCipher.NonceBytes + packed.Length + IFieldCipher.TagBytes];
        key.Seal(
            Aad(row), packed, text.AsSpan(0, IFieldCipher.NonceBytes), text.AsSpan(IFieldCipher.NonceBytes));
        CryptographicOperations.ZeroMemory(packed);
        return With(row, key.Id, text);
    }

    /// <summary>Opens the content of a row.</summary>
    /// <exception cref="CryptographicException">It was altered, or its key is gone.</exception>
    /// <exception cref="InvalidDataException">It is no content of a pack.</exception>
    public byte[] Open(PackRow row)
    {
        if (row.KeyId is null)
        {
            var packed = row.Content.AsSpan(Math.Min(SHA256.HashSizeInBytes, row.Content.Length)).ToArray();
            return row.Content.AsSpan(0, row.Content.Length - packed.Length).SequenceEqual(Digest(row, packed))
                ? Unpack(packed)
                : throw new CryptographicException("The content of a pack was altered.");
        }

        var plain = new byte[Math.Max(0, row.Content.Length - IFieldCipher.NonceBytes - IFieldCipher.TagBytes)];
        runtime.Keys.Open(
            row.KeyId, Aad(row), row.Content.AsSpan(0, Math.Min(row.Content.Length, IFieldCipher.NonceBytes)),
            row.Content.AsSpan(Math.Min(row.Content.Length, IFieldCipher.NonceBytes)), plain);
        return Unpack(plain);
    }

    /// <summary>Compresses content.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        var packed = new MemoryStream(content.Length / 2);
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var rest = content; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
            {
                zlib.Write(rest[..Math.Min(Piece, rest.Length)]);
                OwnThread.Breathe();
            }
        }

        return packed.ToArray();
    }

    /// <summary>Gives content back.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or larger than that of any pack.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
        var (buffer, length) = (ArrayPool<byte>.Shared.Rent(packed.Length * 4), 0);
        try
        {
            int read;
            while ((read = zlib.Read(buffer, length, buffer.Length - length)) > 0)
            {
                length += read;
                if (length > MaxBytes)
                {
                    throw new InvalidDataException("The content is larger than that of any pack.");
                }

                if (length == buffer.Length)
                {
                    buffer = Larger(buffer);
                }
            }

            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static byte[] Larger(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return larger;
    }

    private static PackRow With(PackRow row, string? keyId, byte[] content) => new()
    {
        FirstSeq = row.FirstSeq,
        LastSeq = row.LastSeq,
        LastNumber = row.LastNumber,
        Steps = row.Steps,
        LastHash = row.LastHash,
        Purged = row.Purged,
        Keys = row.Keys,
        Format = row.Format,
        KeyId = keyId,
        Content = content,
    };

    private static byte[] Digest(PackRow row, ReadOnlySpan<byte> packed) =>
        SHA256.HashData([.. Aad(row), .. packed]);

    private static byte[] Aad(PackRow row) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"probity-monitoring-pack|{row.Format}|{row.FirstSeq}|{row.LastSeq}|{row.LastNumber}|{row.Steps}|{row.Purged}|"
        + $"{Convert.ToHexStringLower(row.LastHash)}|{Convert.ToHexStringLower(SHA256.HashData(row.Keys))}"));
}
