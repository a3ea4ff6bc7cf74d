using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>
/// A data key in use. Nonces are random, so its uses are counted against a bound that keeps the chance of a repeated
/// nonce below 2^-49. Source: NIST SP 800-38D §8.3 allows 2^32 uses; we stop at 2^24.
/// </summary>
internal sealed class SegmentKey(string id, byte[] key, DateTimeOffset createdAt) : IDisposable
{
    /// <summary>Most sealings under one key.</summary>
    public const long MaxUses = 1L << 24;

    /// <summary>The longest a key is used for sealing.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    private readonly ConcurrentBag<Sealer> _idle = [];
    private long _uses;

    public string Id { get; } = id;

    /// <summary>Takes one use, or null when the bound or the age is reached.</summary>
    public ISealingKey? TryRent(DateTimeOffset now)
    {
        if (now - createdAt > MaxAge || Interlocked.Increment(ref _uses) > MaxUses)
        {
            return null;
        }

        return _idle.TryTake(out var sealer) ? sealer : new Sealer(this, new AesGcm(key, IFieldCipher.TagBytes));
    }

    public void Open(
        ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, Span<byte> plain)
    {
        var sealer = _idle.TryTake(out var idle) ? idle : new Sealer(this, new AesGcm(key, IFieldCipher.TagBytes));
        try
        {
            sealer.Open(aad, nonce, sealedBytes, plain);
        }
        finally
        {
            sealer.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var sealer))
        {
            sealer.Close();
        }

        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>An AES-GCM instance is not thread safe and dear to make, so each is lent to one caller at a time.</summary>
    private sealed class Sealer(SegmentKey owner, AesGcm aes) : ISealingKey
    {
        public string Id => owner.Id;

        public void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> nonce, Span<byte> sealedBytes)
        {
            Nonces.Next(nonce);
            aes.Encrypt(nonce, plain, sealedBytes[..plain.Length], sealedBytes[plain.Length..], aad);
        }

        public void Open(
            ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, Span<byte> plain) =>
            aes.Decrypt(nonce, sealedBytes[..plain.Length], sealedBytes[plain.Length..], plain, aad);

        public void Dispose() => owner._idle.Add(this);

        public void Close() => aes.Dispose();
    }
}

/// <summary>Random nonces, fetched from the system's generator in bulk: one call for many instead of one each.</summary>
internal static class Nonces
{
    private const int Buffered = 128;

    [ThreadStatic]
    private static byte[]? t_buffer;

    [ThreadStatic]
    private static int t_used;

    public static void Next(Span<byte> nonce)
    {
        if (t_buffer is null || t_used == Buffered)
        {
            RandomNumberGenerator.Fill(t_buffer ??= new byte[Buffered * IFieldCipher.NonceBytes]);
            t_used = 0;
        }

        t_buffer.AsSpan(t_used++ * IFieldCipher.NonceBytes, IFieldCipher.NonceBytes).CopyTo(nonce);
    }
}
