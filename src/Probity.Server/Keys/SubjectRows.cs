using System.Collections.Concurrent;

namespace Probity.Server.Keys;

/// <summary>
/// The rows of wrapped keys of many persons: with them a person who falls out of <see cref="SubjectKeys"/> comes back
/// without a question to the store, which costs more than all that is sealed or opened with the key. Wrapped, a row is
/// small and no key. Bounded: when it is full, all are forgotten. Thread safe.
/// </summary>
internal sealed class SubjectRows
{
    /// <summary>Most rows kept, some 500 bytes each.</summary>
    public const int Most = 131_072;

    private readonly ConcurrentDictionary<string, DataKeyRow> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DataKeyRow> _bySubject = new(StringComparer.Ordinal);
    private int _count; // Asking a dictionary would take all of its locks.
    private long _forgotten;

    /// <summary>To be asked before the store is read: what is read before somebody is forgotten is not kept.</summary>
    public long Moment => Interlocked.Read(ref _forgotten);

    /// <summary>The row of an id; null when it is not kept.</summary>
    public DataKeyRow? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>The newest row of a person, by digest; null when it is not kept.</summary>
    public DataKeyRow? FindSubject(string digest) => _bySubject.GetValueOrDefault(digest);

    /// <summary>Keeps a row that is stored, unless it is destroyed or somebody was forgotten meanwhile.</summary>
    /// <param name="row">As the store gave it.</param>
    /// <param name="isNewest">Whether the person has no newer one.</param>
    /// <param name="moment">What <see cref="Moment"/> said before the store was read.</param>
    public void Keep(DataKeyRow row, bool isNewest, long moment)
    {
        if (row is not { Kind: KeyKinds.Subject, State: DataKeyRow.Active, Wrapped: not null, Subject: { } digest })
        {
            return;
        }

        if (Volatile.Read(ref _count) >= Most)
        {
            Clear();
        }

        if (_byId.TryAdd(row.Id, row))
        {
            Interlocked.Increment(ref _count);
        }

        if (isNewest)
        {
            _bySubject[digest] = row;
        }

        if (Moment != moment)
        {
            Remove(digest);
        }
    }

    /// <summary>Lets go of a row that is not as it is stored any more.</summary>
    public void Drop(DataKeyRow row)
    {
        _bySubject.TryRemove(row.Subject ?? "", out _);
        if (_byId.TryRemove(row.Id, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Forgets a person, by digest; what is being read of one from the store now is not kept.</summary>
    public void Forget(string digest)
    {
        Interlocked.Increment(ref _forgotten);
        Remove(digest);
    }

    private void Remove(string digest)
    {
        _bySubject.TryRemove(digest, out _);
        foreach (var (id, row) in _byId)
        {
            if (row.Subject == digest && _byId.TryRemove(id, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    private void Clear()
    {
        Volatile.Write(ref _count, 0);
        _byId.Clear();
        _bySubject.Clear();
    }
}
