using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Keys;

/// <summary>A data key in use. Its uses are counted, since nonces are random. Thread safe.</summary>
internal sealed class SegmentKey : IDisposable
{
    /// <summary>Uses that a processor takes at once are so small a part of all that hardly any are lost.</summary>
    private const int SharesOfUses = 65_536;

    private readonly GcmCipher _cipher;
    private readonly DateTimeOffset _createdAt;
    private readonly SegmentKeyLimits? _limits;
    private readonly Share[] _shares;
    private readonly long _share;
    private readonly byte[] _idJson;
    private long _uses;
    private volatile bool _disposed;

    /// <param name="id">The id that entries name.</param>
    /// <param name="key">The key. What becomes of the caller's bytes changes nothing here.</param>
    /// <param name="createdAt">When the key began to serve.</param>
    /// <param name="limits">How long it seals; null for a key that was loaded and only opens.</param>
    /// <param name="processors">
    /// How many processors are expected to seal under it at once: so many have a share of the uses at hand.
    /// </param>
    public SegmentKey(
        string id, ReadOnlySpan<byte> key, DateTimeOffset createdAt, SegmentKeyLimits? limits, int processors = 1)
    {
        (Id, _createdAt, _limits) = (id, createdAt, limits);
        _cipher = new GcmCipher(key);
        _idJson = Encoding.ASCII.GetBytes($"\"{id}\""); // Our own ids need no escapes.
        _shares = processors > 1 ? new Share[processors] : [];
        _share = Math.Max(1, (limits?.Uses ?? 0) / SharesOfUses / processors);
    }

    public string Id { get; }

    /// <summary>The person whose data it opens, by digest; null for keys of no person.</summary>
    public string? Subject { get; init; }

    /// <summary>Sealings counted so far, with those that processors have taken and not yet used.</summary>
    public long Uses => Math.Min(Interlocked.Read(ref _uses), _limits?.Uses ?? 0);

    /// <summary>Takes one use, or null when the bound or the age is reached.</summary>
    public ISealingKey? TryRent(DateTimeOffset now)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _limits is { } limits && now - _createdAt < limits.Age && TryUse(limits.Uses) ? new Sealing(this) : null;
    }

    /// <summary>Whether seven eighths of its uses or its time are gone, so that a successor should be made.</summary>
    public bool IsNearItsEnd(DateTimeOffset now) => _limits is { Uses: >= 1024 } limits
        && (Interlocked.Read(ref _uses) > limits.Uses - (limits.Uses / 8) || now - _createdAt > limits.Age * 7 / 8);

    /// <summary>Opens a ciphertext.</summary>
    /// <exception cref="CryptographicException">It was altered, moved, or belongs to another key.</exception>
    public void Open(
        ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, Span<byte> plain) =>
        _cipher.Decrypt(nonce, aad, sealedBytes, plain);

    public void Dispose()
    {
        _disposed = true;
        _cipher.Dispose();
    }

    private bool TryUse(long most) => _shares.Length == 0
        ? Interlocked.Increment(ref _uses) <= most
        : TryUse(ref _shares[(int)((uint)Thread.GetCurrentProcessorId() % (uint)_shares.Length)], most);

    /// <summary>
    /// Takes one use. A counter that every processor writes to would travel between them with each sealing; so each
    /// takes some at a time, and what two take for the same place at once is lost, never doubled.
    /// </summary>
    private bool TryUse(ref Share mine, long most)
    {
        if (Interlocked.Decrement(ref mine.Left) >= 0)
        {
            return true;
        }

        var taken = Interlocked.Add(ref _uses, _share) - _share;
        if (taken >= most)
        {
            return false;
        }

        Interlocked.Exchange(ref mine.Left, Math.Min(_share, most - taken) - 1);
        return true;
    }

    /// <summary>The uses that one processor has at hand, on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Share
    {
        [FieldOffset(0)]
        public long Left;
    }

    /// <summary>One counted use: it seals once, so that the count is the number of nonces drawn.</summary>
    private sealed class Sealing(SegmentKey owner) : ISealingKey
    {
        private bool _used;

        public string Id => owner.Id;

        public ReadOnlySpan<byte> IdJson => owner._idJson;

        public void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> nonce, Span<byte> sealedBytes)
        {
            if (_used)
            {
                throw new InvalidOperationException("A rented key seals once: rent it again.");
            }

            _used = true;
            Nonces.Next(nonce);
            owner._cipher.Encrypt(nonce, aad, plain, sealedBytes);
        }
    }
}
