using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Probity.Server.Keys;

/// <summary>
/// The keys of the persons met lately, by name. A look-up allocates nothing. Bounded: when it is full, a quarter is let
/// go, first of those whose row is written: what a row or an entry is being sealed under must still be there when the
/// commit asks for it. Thread safe.
/// </summary>
internal sealed class SubjectKeys : IDisposable
{
    /// <summary>Most persons kept; each takes some 2 kB.</summary>
    public const int Most = 16_384;

    private readonly ConcurrentDictionary<byte[], SubjectKey> _keys = new(NameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], SubjectKey>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;

    private int _count; // Asking the dictionary would take all of its locks.

    public SubjectKeys() => _bySpan = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count => Volatile.Read(ref _count);

    public bool TryGet(ReadOnlySpan<byte> name, [MaybeNullWhen(false)] out SubjectKey key) =>
        _bySpan.TryGetValue(name, out key);

    /// <summary>Keeps a key; gives back the one that another thread was first with.</summary>
    public SubjectKey Keep(ReadOnlySpan<byte> name, SubjectKey key)
    {
        if (Count >= Most)
        {
            LetGo(Most / 4);
        }

        var kept = _keys.GetOrAdd(name.ToArray(), key);
        if (ReferenceEquals(kept, key))
        {
            Interlocked.Increment(ref _count);
        }

        return kept;
    }

    /// <summary>Forgets a person, by digest. What is still being sealed goes on; nothing new begins.</summary>
    public void Forget(string digest)
    {
        foreach (var (name, key) in _keys)
        {
            if (key.Digest == digest)
            {
                Remove(name);
            }
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }

        _keys.Clear();
    }

    private void LetGo(int count)
    {
        // Those that no commit ever wrote must not fill it either: they go when nothing else is left.
        foreach (var (name, key) in _keys.Where(pair => pair.Value.IsStored).Concat(_keys))
        {
            if (count == 0)
            {
                return;
            }

            count -= Remove(name) ? 1 : 0;
        }
    }

    private bool Remove(byte[] name)
    {
        if (!_keys.TryRemove(name, out _))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>,
        byte[]>
    {
        public static readonly NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
