using System.Collections.Concurrent;
using System.Security.Cryptography;
using Probity.Server.Storage;

namespace Probity.Server.Keys;

/// <summary>
/// The key-encryption keys by id, the active one among them. Older ones are fetched when a row that they wrap is met,
/// so that a rotation on another node is noticed without being told. Thread safe.
/// </summary>
internal sealed class KeyEncryptionKeys : IDisposable
{
    private readonly DataKeyTable _table;
    private readonly ConcurrentDictionary<string, byte[]> _opened = new(StringComparer.Ordinal);
    private volatile string _activeId;
    private volatile IRootKey _root;

    /// <param name="table">Where the rows are.</param>
    /// <param name="root">What they are wrapped under.</param>
    /// <param name="active">The active key's row.</param>
    /// <exception cref="CryptographicException">It is wrapped under another root key.</exception>
    public KeyEncryptionKeys(DataKeyTable table, IRootKey root, DataKeyRow active)
    {
        (_table, _root, _activeId) = (table, root, active.Id);
        Add(active);
    }

    /// <summary>The id of the key that new keys are wrapped under.</summary>
    public string ActiveId => _activeId;

    /// <summary>The key that new keys are wrapped under.</summary>
    public ReadOnlyMemory<byte> Active => _opened[_activeId];

    /// <summary>Takes a row that has become the active one.</summary>
    public void Activate(DataKeyRow row)
    {
        Add(row);
        _activeId = row.Id;
    }

    /// <summary>Unwraps the keys met from here on with another root key.</summary>
    public void ReplaceRoot(IRootKey root) => _root = root;

    /// <summary>Looks which one is active in the store now.</summary>
    public void Refresh()
    {
        if (_table.FindActive(KeyKinds.Kek) is { } row)
        {
            Activate(row);
        }
    }

    /// <summary>Wraps a key under the active one.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> key, string id, string kind, out string wrappedBy)
    {
        wrappedBy = _activeId;
        return KeyWrap.Wrap(_opened[wrappedBy], key, id, kind, wrappedBy);
    }

    /// <summary>Wraps a key under the one named.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> key, string id, string kind, string by) =>
        KeyWrap.Wrap(Find(by), key, id, kind, by);

    /// <summary>The key of a row, in a pinned array that the caller zeroes when it is done.</summary>
    /// <exception cref="CryptographicException">It was altered or moved, or its wrapping key is destroyed.</exception>
    public byte[] Unwrap(DataKeyRow row)
    {
        var by = row.WrappedBy ?? throw new CryptographicException("The row is wrapped under no key-encryption key.");
        return KeyWrap.Unwrap(Find(by), row.Wrapped, row.Id, row.Kind, by);
    }

    public void Dispose()
    {
        foreach (var key in _opened.Values)
        {
            CryptographicOperations.ZeroMemory(key);
        }

        _opened.Clear();
    }

    private byte[] Find(string id)
    {
        if (_opened.TryGetValue(id, out var key))
        {
            return key;
        }

        var row = _table.Find(id);
        return row is { Wrapped: not null, Kind: KeyKinds.Kek }
            ? Add(row)
            : throw new CryptographicException("The key-encryption key is not there or has been rotated away.");
    }

    private byte[] Add(DataKeyRow row) =>
        _opened.GetOrAdd(row.Id, static (_, from) => from.Root.Unwrap(from.Row.Wrapped, from.Row.Id, from.Row.Kind),
            (Root: _root, Row: row));
}
