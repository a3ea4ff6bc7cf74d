using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Keys;

/// <summary>
/// A data key in use, with a pool of cipher instances: one is dear to make and not thread safe. The key itself is
/// thread safe. Its uses are counted, since nonces are random.
/// </summary>
/// <param name="id">The id that entries name.</param>
/// <param name="key">The key, owned: zeroed on dispose.</param>
/// <param name="createdAt">When the key began to serve.</param>
/// <param name="limits">How long it seals; null for a key that was loaded and only opens.</param>
internal sealed class SegmentKey(string id, byte[] key, DateTimeOffset createdAt, SegmentKeyLimits? limits) : IDisposable
{
    private readonly ConcurrentQueue<GcmCipher> _idle = new();
    private readonly Lock _making = new();
    private GcmCipher? _next;
    private readonly byte[] _idJson = Encoding.ASCII.GetBytes($"\"{id}\""); // Our own ids need no escapes.
    private long _uses;
    private volatile bool _disposed;

    // A key that falls out of the ring's cache may still be in use, so the collector ends it.
    ~SegmentKey() => CryptographicOperations.ZeroMemory(key);

    public string Id => id;

    /// <summary>The person whose data it opens, by digest; null for keys of no person.</summary>
    public string? Subject { get; init; }

    /// <summary>Sealings counted so far.</summary>
    public long Uses => Math.Min(Interlocked.Read(ref _uses), limits?.Uses ?? 0);

    /// <summary>Takes one use, or null when the bound or the age is reached.</summary>
    public ISealingKey? TryRent(DateTimeOffset now) =>
        limits is not null && now - createdAt < limits.Age && Interlocked.Increment(ref _uses) <= limits.Uses
            ? new Sealing(this, Take())
            : null;

    /// <summary>Whether seven eighths of its uses or its time are gone, so that a successor should be made.</summary>
    public bool IsNearItsEnd(DateTimeOffset now) => limits is { Uses: >= 1024 }
        && (Interlocked.Read(ref _uses) > limits.Uses - (limits.Uses / 8) || now - createdAt > limits.Age * 7 / 8);

    /// <summary>Opens a ciphertext.</summary>
    /// <exception cref="CryptographicException">It was altered, moved, or belongs to another key.</exception>
    public void Open(
        ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, Span<byte> plain)
    {
        var cipher = Take();
        try
        {
            cipher.Decrypt(nonce, aad, sealedBytes, plain);
        }
        finally
        {
            GiveBack(cipher);
        }
    }

    public void Dispose()
    {
        lock (_making)
        {
            _disposed = true;
            CryptographicOperations.ZeroMemory(key);
        }

        Drain();
        GC.SuppressFinalize(this);
    }

    private GcmCipher Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Interlocked.Exchange(ref _next, null) ?? (_idle.TryDequeue(out var idle) ? idle : Make());
    }

    private GcmCipher Make()
    {
        lock (_making)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new GcmCipher(key, isToSeal: limits is not null);
        }
    }

    private void GiveBack(GcmCipher cipher)
    {
        if (Interlocked.CompareExchange(ref _next, cipher, null) is not null)
        {
            _idle.Enqueue(cipher);
        }

        // Whoever comes after Dispose clears up what it put back.
        if (_disposed)
        {
            Drain();
        }
    }

    private void Drain()
    {
        Interlocked.Exchange(ref _next, null)?.Dispose();
        while (_idle.TryDequeue(out var idle))
        {
            idle.Dispose();
        }
    }

    /// <summary>One counted use: it seals once, so that the count is the number of nonces drawn.</summary>
    private sealed class Sealing(SegmentKey owner, GcmCipher cipher) : ISealingKey
    {
        private GcmCipher? _cipher = cipher;
        private bool _used;

        public string Id => owner.Id;

        public ReadOnlySpan<byte> IdJson => owner._idJson;

        public void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> nonce, Span<byte> sealedBytes)
        {
            ObjectDisposedException.ThrowIf(_cipher is null, this);
            if (_used)
            {
                throw new InvalidOperationException("A rented key seals once: rent it again.");
            }

            _used = true;
            Nonces.Next(nonce);
            _cipher.Encrypt(nonce, aad, plain, sealedBytes);
        }

        public void Dispose()
        {
            // Given back twice, one instance would serve two threads at once.
            if (Interlocked.Exchange(ref _cipher, null) is { } cipher)
            {
                owner.GiveBack(cipher);
            }
        }
    }
}
