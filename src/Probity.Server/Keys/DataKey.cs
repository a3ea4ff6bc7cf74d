using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Probity.Server.Keys;

/// <summary>
/// An unwrapped key for encrypting fields, with a pool of cipher instances: one costs more to make than to use, and is
/// not thread safe. The key itself is thread safe.
/// </summary>
internal sealed class DataKey(string id, SecretBytes key, long mostUses) : IDisposable
{
    private readonly ConcurrentQueue<AesGcm> _idle = new();
    private readonly Lock _making = new();
    private AesGcm? _next;
    private long _uses;
    private volatile bool _disposed;

    /// <summary>The id that entries name, for example <c>seg_…</c>.</summary>
    public string Id => id;

    /// <summary>Encryptions by this process so far.</summary>
    public long Uses => Interlocked.Read(ref _uses);

    /// <summary>Counts one encryption against the bound of random nonces.</summary>
    /// <exception cref="KeysException">keys.exhausted: take the current key from the ring again.</exception>
    internal void CountUse()
    {
        if (Interlocked.Increment(ref _uses) > mostUses)
        {
            throw new KeysException(KeysException.Exhausted,
                $"Key {id} has served its {mostUses} encryptions: take the current key from the ring.");
        }
    }

    internal AesGcm Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var cipher = Interlocked.Exchange(ref _next, null);
        return cipher ?? (_idle.TryDequeue(out var idle) ? idle : Make());
    }

    internal void Return(AesGcm cipher)
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

    public void Dispose()
    {
        lock (_making)
        {
            _disposed = true;
            key.Dispose();
        }

        Drain();
    }

    private AesGcm Make()
    {
        lock (_making)
        {
            return new AesGcm(key.Span, FieldCipher.TagBytes);
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
}
