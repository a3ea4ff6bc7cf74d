using System.Security.Cryptography;

namespace Probity.Ledger.Verification;

/// <summary>Compares a stored blob with what the entry says of it.</summary>
internal static class BlobChecks
{
    /// <summary>Reads the blob in constant memory; null when it is the one named.</summary>
    public static async Task<Finding?> CheckAsync(
        IBlobReader blobs, BlobReference blob, GoodCheckpoint? lastGood, CancellationToken cancellationToken)
    {
        var stream = await blobs.OpenAsync(blob.Sha256, cancellationToken).ConfigureAwait(false);
        if (stream is null)
        {
            return Finding(FindingKind.BlobMissing, blob, null, lastGood,
                $"The blob that entry {blob.Seq} names is not there.");
        }

        await using (stream.ConfigureAwait(false))
        {
            var counted = new CountedLength(stream);
            var hash = await counted.HashAsync(cancellationToken).ConfigureAwait(false);
            if (hash.AsSpan().SequenceEqual(blob.Sha256.Bytes) && (blob.Length < 0 || counted.Length == blob.Length))
            {
                return null;
            }

            return Finding(FindingKind.BlobAltered, blob, Convert.ToHexStringLower(hash), lastGood,
                $"The blob that entry {blob.Seq} names has other bytes than when it was entered "
                + $"({counted.Length} bytes stored, {blob.Length} named).");
        }
    }

    private static Finding Finding(
        FindingKind kind, BlobReference blob, string? actual, GoodCheckpoint? lastGood, string detail) =>
        new(kind, blob.Seq, blob.Seq, $"blob/{blob.Sha256}", detail, blob.Sha256.ToString(), actual, lastGood,
            $"The content that entry {blob.Seq} keeps outside itself. The entry, its proof and all other entries hold.");

    private sealed class CountedLength(Stream stream)
    {
        public long Length { get; private set; }

        public async Task<byte[]> HashAsync(CancellationToken cancellationToken)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[64 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                hash.AppendData(buffer, 0, read);
                Length += read;
            }

            return hash.GetHashAndReset();
        }
    }
}
