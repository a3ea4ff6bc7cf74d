using System.Globalization;
using Probity.Ledger.Evidence;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;

namespace Probity.Verifier;

/// <summary>Finds out what it was given, verifies it step by step, and says the verdict.</summary>
internal sealed class VerifyCommand(VerifyOptions options, Verdict verdict, CancellationToken cancellationToken)
{
    private const string OwnKeys = "No --key was given, so the keys that came with it are used: this shows that it agrees "
        + "with itself, not who made it.";

    private readonly List<VerifierKey> _keys = [];
    private readonly List<string> _outside = [];

    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var options = new VerifyOptions();
        if (options.Read(args) is { } fault)
        {
            await error.WriteLineAsync(fault + "\n\n" + VerifyOptions.Usage);
            return 2;
        }

        if (options.IsHelp)
        {
            await output.WriteLineAsync(VerifyOptions.Usage);
            return 0;
        }

        var verdict = new Verdict(output, options);
        try
        {
            return await new VerifyCommand(options, verdict, cancellationToken).RunAsync();
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or InvalidDataException
            or HttpRequestException or UnauthorizedAccessException or TaskCanceledException)
        {
            return verdict.CannotTell(e.Message);
        }
    }

    private async Task<int> RunAsync()
    {
        foreach (var key in options.Keys)
        {
            _keys.AddRange(ReadKeys(key));
        }

        foreach (var file in options.Checkpoints)
        {
            _outside.Add(await File.ReadAllTextAsync(file, cancellationToken));
        }

        if (Uri.TryCreate(options.Target, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            using var server = new ServerLog(url!, options.ApiKeyFile is null
                ? null
                : (await File.ReadAllTextAsync(options.ApiKeyFile, cancellationToken)).Trim());
            return await VerifyServerAsync(server);
        }

        if (ExportedLog.IsAt(options.Target))
        {
            return await VerifyFolderAsync(options.Target);
        }

        if (options.Target.EndsWith(".tlog-proof", StringComparison.OrdinalIgnoreCase))
        {
            return await VerifyProofAsync();
        }

        return File.Exists(options.Target)
            ? await VerifyPackAsync()
            : verdict.CannotTell($"{options.Target} is no evidence pack, proof, exported log or address.");
    }

    private async Task<int> VerifyFolderAsync(string folder)
    {
        var log = ExportedLog.Open(folder, _keys.Find(k => k.SignatureType == VerifierKey.Ed25519Note)?.Name);
        UseKeysOf(log.Keys);
        return _keys.Count == 0
            ? verdict.CannotTell("There is no key: give one with --key.")
            : await AuditAsync(log, log);
    }

    private async Task<int> AuditAsync(IAuditedLog log, IBlobReader? blobs)
    {
        var report = await LogAuditor.AuditAsync(log, new AuditOptions(_keys, _outside) { Blobs = blobs }, cancellationToken);
        var counts = report.Counts;
        verdict.Step(true, $"read {counts.Entries} entries ({counts.EntryBytes} bytes), {counts.Tiles} tiles, "
            + $"{counts.Checkpoints} checkpoints, {counts.Blobs} blobs of {log.Origin} in "
            + string.Create(CultureInfo.InvariantCulture, $"{report.Duration.TotalSeconds:0.00} s"));
        Step(report, "every entry hashes to its tile, links to the one before and bears its number",
            FindingKind.Changed, FindingKind.Deleted, FindingKind.Inserted, FindingKind.Reordered, FindingKind.Truncated,
            FindingKind.HashAltered, FindingKind.Unreadable);
        Step(report, "the tiles are those of the entries", FindingKind.TileAltered);
        Step(report, "every checkpoint is signed by a trusted key and has the root of the entries",
            FindingKind.CheckpointAltered, FindingKind.WrongKey, FindingKind.HeadAltered);
        Step(report, $"the checkpoints kept elsewhere ({_outside.Count}) are of this history",
            FindingKind.Forked, FindingKind.RolledBack);
        Step(report, "the blobs are those that entries name", FindingKind.BlobAltered, FindingKind.BlobMissing);
        verdict.Excuse(report.Purged);
        verdict.Tell(report.Continuations);
        foreach (var finding in report.Findings)
        {
            verdict.Find(finding);
        }

        return verdict.Conclude($"{counts.Entries} entries of {log.Origin}, "
            + (report.LastGood is { } good ? $"checkpoint of size {good.Size} root {good.Root.ToBase64()}" : "no checkpoint"));
    }

    private void Step(AuditReport report, string text, params FindingKind[] kinds) =>
        verdict.Step(!report.Findings.Any(f => kinds.Contains(f.Kind)), text);

    private async Task<int> VerifyPackAsync()
    {
        if (_keys.Count == 0)
        {
            verdict.Warn(OwnKeys);
        }

        var pack = File.OpenRead(options.Target);
        await using (pack)
        {
            var report = await EvidencePack.VerifyAsync(pack, _keys.Count == 0 ? null : _keys, cancellationToken);
            if (report.Manifest is not { } manifest)
            {
                return verdict.CannotTell(report.Findings[0].Detail);
            }

            verdict.Step(true, $"a pack of {manifest.Entries} entries of {manifest.Origin}, made {manifest.MadeAt:u}, "
                + $"filter \"{manifest.Filter}\"");
            verdict.Step(report.EntriesProven == manifest.Entries,
                $"{report.EntriesProven} of {manifest.Entries} entries are proven by a checkpoint that the log has signed");
            if (manifest.Tombstones > 0)
            {
                verdict.Step(report.TombstonesProven == manifest.Tombstones,
                    $"{report.TombstonesProven} of {manifest.Tombstones} purged entries had their place in the log, "
                    + "and a purge entry with two approvers names each");
            }

            verdict.Excuse(report.Purged);
            foreach (var finding in report.Findings)
            {
                verdict.Find(finding);
            }

            return verdict.Conclude($"{report.EntriesProven} entries of {manifest.Origin} proven"
                + (manifest.Tombstones > 0 ? $", {report.TombstonesProven} more purged in order" : string.Empty)
                + (report.KeysFromPack ? " WITH THE PACK'S OWN KEYS" : string.Empty));
        }
    }

    private async Task<int> VerifyProofAsync()
    {
        if (options.Entry is null || _keys.Count == 0)
        {
            return verdict.CannotTell("A proof needs --entry with the entry's exact bytes and --key with the log's key.");
        }

        var proof = TlogProof.Parse(await File.ReadAllBytesAsync(options.Target, cancellationToken));
        var body = await File.ReadAllBytesAsync(options.Entry, cancellationToken);
        verdict.Step(true, $"leaf hash {MerkleHash.Leaf(body)}");
        var finding = ProofCheck.Verify(proof, body, _keys);
        verdict.Step(finding?.Kind is not (FindingKind.WrongKey or FindingKind.CheckpointAltered),
            $"checkpoint of size {proof.Checkpoint.Size} is signed by {proof.Checkpoint.Origin}");
        verdict.Step(finding is null, $"the entry is number {proof.Index} under root {proof.Checkpoint.Root.ToBase64()}");
        if (finding is not null)
        {
            verdict.Find(finding);
        }

        return verdict.Conclude($"entry {proof.Index} of {proof.Checkpoint.Origin}");
    }

    private async Task<int> VerifyServerAsync(ServerLog server)
    {
        UseKeysOf(_keys.Count > 0 ? [] : await server.ReadKeysAsync(cancellationToken));
        if (_keys.Count == 0)
        {
            return verdict.CannotTell("The server hands out no key: give one with --key.");
        }

        var note = await server.OpenAsync(cancellationToken);
        if (server.HasEntries)
        {
            return await AuditAsync(server, null);
        }

        return await VerifyPublicAsync(server, note);
    }

    /// <summary>What can be seen without reading entries: signature, root from tiles, and the history of checkpoints.</summary>
    private async Task<int> VerifyPublicAsync(ServerLog server, string note)
    {
        var judge = new CheckpointReading(_keys);
        var (head, fault) = judge.Read(note, server.Origin);
        verdict.Step(fault is null, $"checkpoint of size {head?.Size} is signed by {server.Origin}"
            + (fault is null ? string.Empty : $": {fault}"));
        if (head is null || fault is not null)
        {
            return verdict.Conclude(string.Empty);
        }

        var tree = new TreeReader(server, head.Size);
        var root = await tree.RootAsync(head.Size, cancellationToken);
        verdict.Step(root == head.Root, $"the tiles have the root {head.Root.ToBase64()}");
        foreach (var outside in _outside)
        {
            await CompareAsync(judge, tree, head, outside);
        }

        return verdict.Conclude($"checkpoint of size {head.Size} of {head.Origin}; entries were not read (--api-key-file)");
    }

    private async Task CompareAsync(CheckpointReading judge, TreeReader tree, Checkpoint head, string outside)
    {
        var (kept, fault) = judge.Read(outside, head.Origin);
        if (kept is null || fault is not null)
        {
            verdict.Step(false, $"a checkpoint kept elsewhere cannot be used: {fault}");
            return;
        }

        if (kept.Size > head.Size)
        {
            verdict.Find(new Finding(FindingKind.RolledBack, head.Size, kept.Size - 1, $"outside/checkpoint/{kept.Size}",
                $"A checkpoint kept elsewhere counts {kept.Size} entries, the server {head.Size}.", null, null, null,
                $"Entries {head.Size} to {kept.Size - 1} are missing."));
            return;
        }

        var root = await tree.RootAsync(kept.Size, cancellationToken);
        if (root == kept.Root)
        {
            verdict.Step(true, $"the checkpoint of size {kept.Size} kept elsewhere is of this history");
            return;
        }

        verdict.Find(new Finding(FindingKind.Forked, 0, kept.Size - 1, $"outside/checkpoint/{kept.Size}",
            $"The log's key has signed another root for size {kept.Size}.", kept.Root.ToString(), root.ToString(), null,
            $"Entries below {kept.Size}; proofs against the other history fail."));
    }

    private void UseKeysOf(IReadOnlyList<VerifierKey> keys)
    {
        if (_keys.Count == 0 && keys.Count > 0)
        {
            verdict.Warn(OwnKeys);
            _keys.AddRange(keys);
        }
    }

    private static IEnumerable<VerifierKey> ReadKeys(string value) => File.Exists(value)
        ? File.ReadAllLines(value).Where(l => l.Length > 0).Select(VerifierKey.Parse)
        : [VerifierKey.Parse(value)];
}

/// <summary>Reads a checkpoint and says why it cannot be believed.</summary>
internal sealed class CheckpointReading(IReadOnlyList<VerifierKey> keys)
{
    public (Checkpoint? Checkpoint, string? Fault) Read(string note, string origin)
    {
        var signed = SignedNote.Parse(note);
        var checkpoint = Checkpoint.Parse(signed.Text);
        if (checkpoint.Origin != origin)
        {
            return (checkpoint, $"it is of another log, {checkpoint.Origin}");
        }

        var logKeys = keys.Where(k => k.SignatureType == VerifierKey.Ed25519Note && k.Name == origin).ToArray();
        return (checkpoint, NoteVerification.Verify(signed, logKeys) is NoteVerdict.Refused refused ? refused.Detail : null);
    }
}
