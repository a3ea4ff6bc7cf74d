using System.Collections.Concurrent;
using System.Runtime.InteropServices;
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
/// <param name="processors">
/// How many processors are expected to seal under it at once: so many have a cipher and a share of the uses at hand.
/// </param>
internal sealed class SegmentKey(
    string id, byte[] key, DateTimeOffset createdAt, SegmentKeyLimits? limits, int processors = 1) : IDisposable
{
    /// <summary>Uses that a processor takes at once are so small a part of all that hardly any are lost.</summary>
    private const int SharesOfUses = 65_536;

    private readonly Lock _making = new();
    private readonly Slot[] _slots = new Slot[processors];
    private readonly long _share = Math.Max(1, (limits?.Uses ?? 0) / SharesOfUses / processors);
    private readonly byte[] _idJson = Encoding.ASCII.GetBytes($"\"{id}\""); // Our own ids need no escapes.
    private ConcurrentQueue<GcmCipher>? _idle; // Made for a key that two have used at once; most persons' never are.
    private long _uses;
    private volatile bool _disposed;

    // A key that falls out of the ring's cache may still be in use, so the collector ends it.
    ~SegmentKey() => CryptographicOperations.ZeroMemory(key);

    public string Id => id;

    /// <summary>The person whose data it opens, by digest; null for keys of no person.</summary>
    public string? Subject { get; init; }

    /// <summary>Sealings counted so far, with those that processors have taken and not yet used.</summary>
    public long Uses => Math.Min(Interlocked.Read(ref _uses), limits?.Uses ?? 0);

    /// <summary>Takes one use, or null when the bound or the age is reached.</summary>
    public ISealingKey? TryRent(DateTimeOffset now) =>
        limits is not null && now - createdAt < limits.Age && TryUse(limits.Uses) ? new Sealing(this, Take()) : null;

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

    private ConcurrentQueue<GcmCipher>? Idle => Volatile.Read(ref _idle);

    private ref Slot Mine =>
        ref _slots[_slots.Length == 1 ? 0 : (int)((uint)Thread.GetCurrentProcessorId() % (uint)_slots.Length)];

    /// <summary>
    /// Takes one use. A counter that every processor writes to would travel between them with each sealing; so each
    /// takes some at a time, and what two take for the same place at once is lost, never doubled.
    /// </summary>
    private bool TryUse(long most)
    {
        ref var mine = ref Mine;
        if (Interlocked.Decrement(ref mine.Uses) >= 0)
        {
            return true;
        }

        var taken = Interlocked.Add(ref _uses, _share) - _share;
        if (taken >= most)
        {
            return false;
        }

        Interlocked.Exchange(ref mine.Uses, Math.Min(_share, most - taken) - 1);
        return true;
    }

    private GcmCipher Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Interlocked.Exchange(ref Mine.Cipher, null)
            ?? (Idle is { } idle && idle.TryDequeue(out var one) ? one : Make());
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
        if (Interlocked.CompareExchange(ref Mine.Cipher, cipher, null) is not null)
        {
            LazyInitializer.EnsureInitialized(ref _idle).Enqueue(cipher);
        }

        // Whoever comes after Dispose clears up what it put back.
        if (_disposed)
        {
            Drain();
        }
    }

    private void Drain()
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            Interlocked.Exchange(ref _slots[i].Cipher, null)?.Dispose();
        }

        while (Idle is { } idle && idle.TryDequeue(out var one))
        {
            one.Dispose();
        }
    }

    /// <summary>What one processor has at hand, on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Slot
    {
        [FieldOffset(0)]
        public GcmCipher? Cipher;

        [FieldOffset(8)]
        public long Uses;
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
