using System.Data;
using System.Security.Cryptography;
using Probity.Ledger.Merkle;

namespace Probity.Server.Storage.Blobs;

/// <summary>One blob: nonce, ciphertext and tag under the key named.</summary>
internal sealed record StoredBlob(string Key, byte[] Content);

/// <summary>
/// What did not fit into an entry, found by the SHA-256 of its stored bytes. Blobs are written by the ledger's append,
/// in the transaction of the entry that names them.
/// </summary>
internal sealed class BlobStore(IDatabase database)
{
    /// <summary>
    /// Adds one blob, in words both stores understand: @sha256, @key, @content. The same bytes again change nothing.
    /// </summary>
    public const string InsertSql =
        "INSERT INTO blob (sha256, key, content) VALUES (@sha256, @key, @content) ON CONFLICT DO NOTHING";

    /// <summary>Adds many blobs in one statement on PostgreSQL: three arrays, @sha256, @key, @content.</summary>
    public const string PostgresInsertManySql =
        "INSERT INTO probity.blob (sha256, key, content) SELECT * FROM unnest(@sha256, @key, @content) "
        + "ON CONFLICT DO NOTHING";

    /// <summary>Reads a blob; null when the store has none of that hash.</summary>
    /// <exception cref="StorageException">storage.blob_changed: its bytes no longer have the hash they are stored under.</exception>
    public async Task<StoredBlob?> ReadAsync(Digest sha256, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT key, content FROM blob WHERE sha256 = @sha256";
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@sha256";
        parameter.DbType = DbType.Binary;
        parameter.Value = sha256.ToArray();
        command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var blob = new StoredBlob(reader.GetString(0), await reader.GetFieldValueAsync<byte[]>(1, cancellationToken));
        return Digest.From(SHA256.HashData(blob.Content)) == sha256
            ? blob
            : throw new StorageException("storage.blob_changed", $"The stored blob {sha256} no longer has its hash.");
    }
}
