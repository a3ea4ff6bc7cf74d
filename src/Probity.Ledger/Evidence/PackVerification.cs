using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Probity.Ledger.Verification;

namespace Probity.Ledger.Evidence;

/// <summary>What verification found in a pack.</summary>
/// <param name="Manifest">What the pack says of itself; null when that cannot be read.</param>
/// <param name="EntriesProven">Entries whose bytes, proof and checkpoint signature all hold.</param>
/// <param name="Findings">What does not hold; empty when the pack is sound.</param>
/// <param name="KeysFromPack">Whether the keys came with the pack, so that it was only compared with itself.</param>
public sealed record PackReport(
    PackManifest? Manifest, long EntriesProven, IReadOnlyList<Finding> Findings, bool KeysFromPack)
{
    /// <summary>Purged entries whose place is proven and that a proven purge entry with two approvers names.</summary>
    public long TombstonesProven { get; init; }

    /// <summary>Those entries by run, each with the purge entry and who agreed to it. Not a finding.</summary>
    public IReadOnlyList<PurgedRange> Purged { get; init; } = [];

    /// <summary>Whether every entry is proven and nothing else is out of order.</summary>
    public bool IsSound => Findings.Count == 0 && Manifest is not null;
}

/// <summary>
/// Reads a pack strictly: known names only, each once, each within its bound, nothing that the manifest does not cover.
/// Nothing is ever written to disk, so that a name cannot lead outside.
/// </summary>
internal sealed partial class PackVerification
{
    private const int MaxManifestBytes = 4 << 20;
    private const int MaxOpenedBytes = 4 << 20;
    private const string Tombstones = "tombstones/";

    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, byte[]> _fixed = new(StringComparer.Ordinal);
    private readonly PackSums _sums = new();
    private readonly List<VerifierKey> _keys = [];
    private readonly string? _origin;
    private long _proven;
    private long _entries;
    private readonly PackTombstones _tombstones = new();

    private PackVerification(IReadOnlyList<VerifierKey>? keys, string? origin)
    {
        _keys.AddRange(keys ?? []);
        _origin = origin;
    }

    public static async Task<PackReport> RunAsync(
        Stream pack, IReadOnlyList<VerifierKey>? keys, CancellationToken cancellationToken)
    {
        PackManifest? manifest = null;
        var verification = new PackVerification(keys, null);
        try
        {
            using var zip = new ZipArchive(pack, ZipArchiveMode.Read, leaveOpen: true);
            manifest = await ReadManifestAsync(zip, cancellationToken).ConfigureAwait(false);
            verification = new PackVerification(keys, manifest.Origin);
            await verification.ReadAllAsync(zip, manifest, keys is null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or NoteFormatException or EndOfStreamException)
        {
            verification.Add(FindingKind.Unreadable, null, "pack", e.Message);
        }

        return new PackReport(manifest, verification._proven, FindingList.Fold(verification._findings), keys is null)
        {
            TombstonesProven = verification._tombstones.Excused.Sum(range => range.Last - range.First + 1),
            Purged = verification._tombstones.Excused,
        };
    }

    private static async Task<PackManifest> ReadManifestAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        var file = zip.GetEntry(EvidencePack.ManifestName) ?? throw new InvalidDataException("The pack has no manifest.json.");
        return PackManifest.Decode(await ReadAsync(file, MaxManifestBytes, cancellationToken).ConfigureAwait(false));
    }

    private async Task ReadAllAsync(
        ZipArchive zip, PackManifest manifest, bool withKeysOfPack, CancellationToken cancellationToken)
    {
        RefuseStrangeNames(zip);
        foreach (var file in zip.Entries.Where(e => !IsOfEntry(e.FullName) && e.FullName != EvidencePack.ManifestName))
        {
            await ReadFixedAsync(file, manifest, withKeysOfPack, cancellationToken).ConfigureAwait(false);
        }

        foreach (var name in manifest.Files.Keys.Where(n => !_fixed.ContainsKey(n)))
        {
            Add(FindingKind.Deleted, null, name, "A file that the manifest lists is not in the pack.");
        }

        foreach (var file in zip.Entries.Where(e => IsOfEntry(e.FullName)))
        {
            await ReadOfEntryAsync(zip, file, cancellationToken).ConfigureAwait(false);
        }

        _findings.AddRange(_tombstones.Judge());
        if (_tombstones.Count != manifest.Tombstones)
        {
            Add(FindingKind.Deleted, null, EvidencePack.ManifestName,
                $"The manifest counts {manifest.Tombstones} tombstones, the pack has {_tombstones.Count}.");
        }

        if (_entries != manifest.Entries)
        {
            Add(FindingKind.Deleted, null, EvidencePack.ManifestName,
                $"The manifest counts {manifest.Entries} entries, the pack has {_entries}.");
        }

        if (_sums.Finish() != manifest.EntrySums && _findings.Count == 0)
        {
            Add(FindingKind.Changed, null, EvidencePack.ManifestName,
                "The files of the entries are not those that the manifest sums up, although every proof holds.");
        }
    }

    private static void RefuseStrangeNames(ZipArchive zip)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in zip.Entries)
        {
            if (!Known().IsMatch(file.FullName))
            {
                throw new InvalidDataException($"A pack has no file named \"{Printable(file.FullName)}\".");
            }

            if (!seen.Add(file.FullName))
            {
                throw new InvalidDataException($"The pack has two files named {file.FullName}.");
            }

            if (file.FullName.StartsWith(Tombstones, StringComparison.Ordinal)
                && zip.GetEntry("entries/" + file.FullName[Tombstones.Length..]) is not null)
            {
                throw new InvalidDataException($"The pack has {file.FullName} and the entry itself.");
            }
        }
    }

    private async Task ReadFixedAsync(
        ZipArchiveEntry file, PackManifest manifest, bool withKeysOfPack, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(file, SignedNote.MaxBytes, cancellationToken).ConfigureAwait(false);
        _fixed.Add(file.FullName, []);
        if (!manifest.Files.TryGetValue(file.FullName, out var expected))
        {
            throw new InvalidDataException($"The manifest does not list {file.FullName}.");
        }

        var actual = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (actual != expected)
        {
            Add(FindingKind.Changed, null, file.FullName, "The file is not the one that the manifest lists.", expected, actual);
        }
        else if (withKeysOfPack && file.FullName.EndsWith(".vkey", StringComparison.Ordinal))
        {
            _keys.Add(VerifierKey.Parse(Encoding.UTF8.GetString(bytes).TrimEnd('\n')));
        }
        else if (file.FullName.StartsWith("checkpoints/", StringComparison.Ordinal))
        {
            CheckCheckpoint(file.FullName, Canonical.Utf8.GetString(bytes));
        }
    }

    private void CheckCheckpoint(string name, string note)
    {
        var judged = new CheckpointJudge(_origin ?? string.Empty, _keys).Judge(CheckpointSource.Outside, note);
        if (judged.Fault is { } fault)
        {
            Add(fault, null, name, judged.FaultDetail);
        }
    }

    private async Task ReadOfEntryAsync(ZipArchive zip, ZipArchiveEntry file, CancellationToken cancellationToken)
    {
        var isEntry = file.FullName.StartsWith("entries/", StringComparison.Ordinal);
        var isTombstone = file.FullName.StartsWith(Tombstones, StringComparison.Ordinal);
        var bound = isEntry ? EntryBundle.MaxEntryBytes : isTombstone ? PackTombstone.MaxBytes : MaxOpenedBytes;
        var bytes = await ReadAsync(file, bound, cancellationToken).ConfigureAwait(false);
        _sums.Add(file.FullName, bytes);
        if (!isEntry && !isTombstone)
        {
            return;
        }

        _entries += isEntry ? 1 : 0;
        var seq = file.FullName[(file.FullName.IndexOf('/', StringComparison.Ordinal) + 1)..^".json".Length];
        if (zip.GetEntry($"proofs/{seq}.tlog-proof") is not { } proofFile)
        {
            Add(FindingKind.Deleted, seq, $"proofs/{seq}.tlog-proof", "The proof of the entry is not in the pack.");
            return;
        }

        var proof = await ReadAsync(proofFile, TlogProof.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (isEntry)
        {
            Prove(seq, file.FullName, bytes, null, proof);
            return;
        }

        var tombstone = PackTombstone.Decode(bytes, file.FullName);
        if (tombstone.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture) != seq)
        {
            throw new InvalidDataException($"{file.FullName} is the tombstone of entry {tombstone.Seq}.");
        }

        _tombstones.Count++;
        Prove(seq, file.FullName, bytes, tombstone, proof);
    }

    private void Prove(string seq, string where, byte[] body, PackTombstone? tombstone, byte[] proofBytes)
    {
        try
        {
            var proof = TlogProof.Parse(proofBytes);
            // An entry of a former origin of the log is proven by a checkpoint of that one, whose key is trusted too.
            var origin = IsFormer(proof.Checkpoint.Origin) ? null : _origin;
            var verdict = tombstone is null
                ? ProofCheck.Verify(proof, body, _keys, origin)
                : ProofCheck.VerifyLeaf(proof, tombstone.Leaf, _keys, origin);
            if (proof.Index.ToString(System.Globalization.CultureInfo.InvariantCulture) != seq)
            {
                Add(FindingKind.Reordered, seq, $"proofs/{seq}.tlog-proof", $"The proof is of entry {proof.Index}.");
            }
            else if (verdict is { } finding)
            {
                _findings.Add(finding with { Where = where });
            }
            else if (tombstone is not null)
            {
                _tombstones.Add(tombstone);
            }
            else
            {
                _proven++;
                _tombstones.Hear(body);
            }
        }
        catch (NoteFormatException e)
        {
            Add(FindingKind.CheckpointAltered, seq, $"proofs/{seq}.tlog-proof", "The proof is not written as one: " + e.Message);
        }
    }

    private bool IsFormer(string origin) => origin != _origin
        && _keys.Exists(k => k.SignatureType == VerifierKey.Ed25519Note && k.Name == origin);

    private void Add(FindingKind kind, string? seq, string where, string detail, string? expected = null, string? actual = null)
    {
        var number = seq is not null && Canonical.TryDecimal(seq, out var value) ? value : (long?)null;
        _findings.Add(new Finding(kind, number, number, where, detail, expected, actual, null,
            number is null ? "The pack as a whole; entries that are proven stay proven." : $"Entry {number} is not proven."));
    }

    private static async Task<byte[]> ReadAsync(ZipArchiveEntry file, int bound, CancellationToken cancellationToken)
    {
        var stream = await file.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // The length in the zip's directory is a claim; what is read decides.
            using var bytes = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                if (bytes.Length + read > bound)
                {
                    throw new InvalidDataException($"{file.FullName} has more than {bound} bytes.");
                }

                await bytes.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            return bytes.ToArray();
        }
    }

    private static bool IsOfEntry(string name) => OfEntry().IsMatch(name);

    private static string Printable(string name) =>
        string.Concat(name.Take(80).Select(c => char.IsControl(c) ? '?' : c));

    [GeneratedRegex(@"\A((entries|tombstones|opened)/(0|[1-9][0-9]{0,18})\.json"
        + @"|proofs/(0|[1-9][0-9]{0,18})\.tlog-proof)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex OfEntry();

    [GeneratedRegex(@"\A(manifest\.json|README\.txt|(entries|tombstones|opened)/(0|[1-9][0-9]{0,18})\.json"
        + @"|proofs/(0|[1-9][0-9]{0,18})\.tlog-proof|checkpoints/(0|[1-9][0-9]{0,18})\.txt"
        + @"|keys/[0-9a-f]{8}\.(vkey|pem))\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Known();
}
