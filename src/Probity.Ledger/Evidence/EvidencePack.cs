using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Notes;

namespace Probity.Ledger.Evidence;

/// <summary>One entry to be put into a pack.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Body">Its exact bytes.</param>
/// <param name="Proof">The proof that it is in the log.</param>
/// <param name="Opened">A decrypted view for reading; not authenticated. Empty for none.</param>
public sealed record PackEntry(
    long Seq, ReadOnlyMemory<byte> Body, TlogProof Proof, ReadOnlyMemory<byte> Opened = default)
{
    /// <summary>What stands for the entry when it was purged; null for an entry that is there.</summary>
    public PackTombstone? Tombstone { get; private init; }

    /// <summary>The place of a purged entry: its proof leads from the leaf hash that the tree has kept.</summary>
    /// <param name="tombstone">The place; the purge entry that it names has to be in the pack too.</param>
    /// <param name="proof">The proof that the leaf hash is in the log.</param>
    public static PackEntry Purged(PackTombstone tombstone, TlogProof proof)
    {
        ArgumentNullException.ThrowIfNull(tombstone);
        return new PackEntry(tombstone.Seq, default, proof) { Tombstone = tombstone };
    }
}

/// <summary>What a pack is made of besides its entries.</summary>
/// <param name="Origin">The log.</param>
/// <param name="MadeAt">When it is made.</param>
/// <param name="Filter">The filter that chose the entries; empty for all.</param>
/// <param name="Keys">The log's key, and those of its witnesses.</param>
/// <param name="Checkpoints">The signed checkpoints that the proofs lead to.</param>
public sealed record PackContents(string Origin, DateTimeOffset MadeAt, string Filter, IReadOnlyList<VerifierKey> Keys,
    IReadOnlyList<string> Checkpoints);

/// <summary>
/// An evidence pack: a zip of entries with the proof of each, checkpoints, public keys, and the steps to check it by
/// hand with sha256sum, xxd and openssl. Everything a court needs, offline; see its README.txt.
/// </summary>
public static class EvidencePack
{
    internal const string ManifestName = "manifest.json";
    internal const string ReadmeName = "README.txt";

    // Zip has no time before 1980; a fixed one keeps equal packs equal byte for byte.
    private static readonly DateTimeOffset s_zipTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a pack in constant memory; entries ascend by number. The stream need not be seekable.</summary>
    /// <exception cref="ArgumentException">
    /// Entries do not ascend, a tombstone's purge entry is not among them, or there is no Ed25519 key of the log.
    /// </exception>
    public static async Task<PackManifest> WriteAsync(Stream to, PackContents contents, IAsyncEnumerable<PackEntry> entries,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contents);
        ArgumentNullException.ThrowIfNull(entries);
        var key = contents.Keys.FirstOrDefault(k => k.SignatureType == VerifierKey.Ed25519Note && k.Name == contents.Origin)
            ?? throw new ArgumentException("A pack holds the log's own key.", nameof(contents));
        using var zip = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true);
        var writer = new Writer(zip);
        foreach (var file in Fixed(contents, key))
        {
            await writer.AddFixedAsync(file.Name, file.Bytes, cancellationToken).ConfigureAwait(false);
        }

        var (count, tombstones, last) = (0L, 0L, -1L);
        var named = new HashSet<long>();
        await foreach (var entry in entries.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (entry.Seq <= last)
            {
                throw new ArgumentException("The entries of a pack ascend by number.", nameof(entries));
            }

            last = entry.Seq;
            if (entry.Tombstone is { } tombstone)
            {
                tombstones++;
                named.Add(tombstone.PurgedBy);
            }
            else
            {
                count++;
                named.Remove(entry.Seq);
            }

            await writer.AddEntryAsync(entry, cancellationToken).ConfigureAwait(false);
        }

        if (named.Count > 0)
        {
            throw new ArgumentException(
                $"The pack has tombstones but not the purge entry {named.Min()}.", nameof(entries));
        }

        var manifest = new PackManifest(contents.Origin, contents.MadeAt, contents.Filter, count, writer.EntrySums(),
            writer.Files) { Tombstones = tombstones };
        await writer.AddAsync(ManifestName, manifest.Encode(), cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    /// <summary>Verifies every part of a pack.</summary>
    /// <param name="pack">The zip; it must be seekable, and stays open.</param>
    /// <param name="keys">
    /// The keys that are trusted. Null to use those in the pack, which shows only that the pack agrees with itself: whoever
    /// made it chose them. The report then carries a warning.
    /// </param>
    /// <param name="cancellationToken">Ends the verification.</param>
    public static Task<PackReport> VerifyAsync(
        Stream pack, IReadOnlyList<VerifierKey>? keys = null, CancellationToken cancellationToken = default) =>
        PackVerification.RunAsync(pack, keys, cancellationToken);

    private static IEnumerable<(string Name, byte[] Bytes)> Fixed(PackContents contents, VerifierKey logKey)
    {
        yield return (ReadmeName, Encoding.UTF8.GetBytes(PackReadme.For(contents.Origin, KeyFile(logKey, "pem"))));
        foreach (var key in contents.Keys.DistinctBy(k => k.ToString()))
        {
            yield return (KeyFile(key, "vkey"), Encoding.UTF8.GetBytes(key + "\n"));
            if (key.IsSupported)
            {
                yield return (KeyFile(key, "pem"), Pem(key));
            }
        }

        foreach (var note in contents.Checkpoints.Distinct())
        {
            var size = Checkpoint.Parse(SignedNote.Parse(note).Text).Size;
            yield return (string.Create(CultureInfo.InvariantCulture, $"checkpoints/{size}.txt"), Encoding.UTF8.GetBytes(note));
        }
    }

    private static string KeyFile(VerifierKey key, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"keys/{key.KeyId:x8}.{extension}");

    /// <summary>The key as SubjectPublicKeyInfo for openssl. Source: RFC 8410 §4 and §10.1.</summary>
    private static byte[] Pem(VerifierKey key)
    {
        byte[] spki = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, .. key.PublicKey];
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString("PUBLIC KEY", spki) + "\n");
    }

    private sealed class Writer(ZipArchive zip)
    {
        private readonly PackSums _sums = new();

        public Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

        public string EntrySums() => _sums.Finish();

        public async Task AddFixedAsync(string name, byte[] bytes, CancellationToken cancellationToken)
        {
            Files.Add(name, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            await AddAsync(name, bytes, cancellationToken).ConfigureAwait(false);
        }

        public async Task AddEntryAsync(PackEntry entry, CancellationToken cancellationToken)
        {
            var seq = entry.Seq.ToString(CultureInfo.InvariantCulture);
            await (entry.Tombstone is { } tombstone
                ? AddSummedAsync($"tombstones/{seq}.json", tombstone.Encode(), cancellationToken)
                : AddSummedAsync($"entries/{seq}.json", entry.Body, cancellationToken)).ConfigureAwait(false);
            await AddSummedAsync($"proofs/{seq}.tlog-proof", Encoding.UTF8.GetBytes(entry.Proof.ToString()), cancellationToken)
                .ConfigureAwait(false);
            if (!entry.Opened.IsEmpty)
            {
                await AddSummedAsync($"opened/{seq}.json", entry.Opened, cancellationToken).ConfigureAwait(false);
            }
        }

        public async Task AddAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            var file = zip.CreateEntry(name, CompressionLevel.Fastest);
            file.LastWriteTime = s_zipTime;
            var stream = await file.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            }
        }

        private async Task AddSummedAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _sums.Add(name, bytes.Span);
            await AddAsync(name, bytes, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>The running hash over the names and hashes of an entry's files, in the form sha256sum prints.</summary>
internal sealed class PackSums
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(string name, ReadOnlySpan<byte> bytes) =>
        _hash.AppendData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  {name}\n"));

    public string Finish()
    {
        using (_hash)
        {
            return Convert.ToHexStringLower(_hash.GetHashAndReset());
        }
    }
}
