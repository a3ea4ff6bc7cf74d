using System.Security.Cryptography;
using Probity.Server.Storage;

namespace Probity.Server.Keys;

/// <summary>
/// Moves every wrapped key under the active key-encryption key. Nothing that was encrypted is touched: the ledger is
/// never rewritten. May be interrupted and begun again at any point.
/// </summary>
internal sealed class KeyRotation(IDatabase database, KeyRing ring)
{
    private readonly DataKeyTable _table = new(database);

    /// <summary>Wraps anew whatever is not under the active key; returns how many keys that were.</summary>
    /// <exception cref="StorageException">keys.unwrap_failed: a stored key was altered or moved; nothing of it is
    /// lost.</exception>
    public async Task<long> RewrapAsync(CancellationToken cancellationToken)
    {
        var (total, after) = (0L, "");
        while (true)
        {
            var rows = await _table.FindUnderOthersAsync(ring.Keks.ActiveId, after, cancellationToken);
            if (rows.Count == 0)
            {
                return total;
            }

            var by = ring.Keks.ActiveId;
            await _table.WrapAnewAsync([.. rows.Select(row => (row, Wrap(row, by)))], by, cancellationToken);
            (total, after) = (total + rows.Count, rows[^1].Id);
        }
    }

    private byte[] Wrap(DataKeyRow row, string by)
    {
        byte[] key;
        try
        {
            key = ring.Keks.Unwrap(row);
        }
        catch (CryptographicException failure)
        {
            throw new StorageException(
                "keys.unwrap_failed", $"The stored {row.Kind} key {row.Id} was altered or belongs to another row.",
                    failure);
        }

        var wrapped = ring.Keks.Wrap(key, row.Id, row.Kind, by);
        CryptographicOperations.ZeroMemory(key);
        return wrapped;
    }
}
