namespace Probity.Server.Storage.Followers;

/// <summary>
/// Memory that a follower reads one batch of entries after the other into: as arrays of their own they would be most of
/// what outlives a collection of the youngest objects. Not thread safe.
/// </summary>
internal sealed class EntryBuffer
{
    /// <summary>Larger than any entry, and smaller than what only a full collection frees.</summary>
    private const int PartBytes = 80_000;

    /// <summary>What a batch of large entries has taken is let go again.</summary>
    private const int MostKept = 64;

    private readonly List<byte[]> _parts = [];
    private int _part;
    private int _used;

    /// <summary>Begins anew: what was added before is no longer there.</summary>
    public void Clear()
    {
        if (_parts.Count > MostKept)
        {
            _parts.RemoveRange(MostKept, _parts.Count - MostKept);
        }

        (_part, _used) = (0, 0);
    }

    /// <summary>Keeps a copy until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Add(ReadOnlySpan<byte> entry)
    {
        if (entry.Length > PartBytes)
        {
            return entry.ToArray();
        }

        if (_part < _parts.Count && PartBytes - _used < entry.Length)
        {
            (_part, _used) = (_part + 1, 0);
        }

        if (_part == _parts.Count)
        {
            _parts.Add(new byte[PartBytes]);
        }

        var kept = _parts[_part].AsMemory(_used, entry.Length);
        entry.CopyTo(kept.Span);
        _used += entry.Length;
        return kept;
    }
}
