using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;

namespace Probity.Tests.Verification;

/// <summary>
/// A log as a store keeps it, in memory and open to every kind of tampering: rows, full tiles, checkpoints, head, blobs.
/// </summary>
internal sealed class StoredLog : IAuditedLog, IBlobReader
{
    public const string Name = "log.example/bank";

    public static readonly NoteSigner Signer = NoteSigner.FromSeed(Name, Seed(1));

    public string Origin => Name;

    public bool HasTiles { get; init; } = true;

    public bool HasPartialTiles { get; init; }

    /// <summary>Whether hashes are handed out with the rows; exports keep none.</summary>
    public bool HasStoredHashes { get; init; } = true;

    /// <summary>Whether rows are handed over one by one, as from where a store has them.</summary>
    public bool HandsOverRows { get; set; }

    /// <summary>How many rows too many are announced, so that handing over fails.</summary>
    public int Overstated { get; set; }

    public List<StoredRow> Rows { get; } = [];

    public List<StoredTile> Tiles { get; } = [];

    public List<StoredCheckpoint> Checkpoints { get; } = [];

    public Dictionary<Digest, byte[]> Blobs { get; } = [];

    public StoredHead Head { get; set; } = new();

    public static VerifierKey Key => Signer.Key;

    public static byte[] Seed(byte number) => SHA256.HashData([number]);

    /// <summary>A log of a number of entries with a checkpoint after every commit.</summary>
    public static StoredLog Of(
        int entries, int perCommit = 10, NoteSigner? signer = null, Func<int, string>? content = null, int filler = 0)
    {
        var log = new StoredLog();
        log.Append(entries, perCommit, signer, content, filler);
        return log;
    }

    /// <summary>Appends as the sequencer would, from the head on.</summary>
    public void Append(
        int entries, int perCommit = 10, NoteSigner? signer = null, Func<int, string>? content = null, int filler = 0)
    {
        var tree = new TreeAppender();
        foreach (var row in Rows)
        {
            tree.Append(Digest.From(row.Hash));
        }

        tree.TakeCompleted();
        var prev = Rows.Count == 0 ? default : Digest.From(Rows[^1].Hash);
        for (var i = 0; i < entries; i++)
        {
            var seq = Rows.Count;
            var body = Body(seq, prev, content?.Invoke(seq) ?? $"open account {seq}", filler);
            prev = MerkleHash.Leaf(body);
            Rows.Add(new StoredRow { Row = seq, Hash = prev.ToArray(), Body = body });
            tree.Append(prev);
            foreach (var tile in tree.TakeCompleted())
            {
                Tiles.Add(new StoredTile { Level = tile.Level, Index = tile.Index, Root = tile.Root.ToArray(), Hashes = tile.Hashes.ToArray() });
            }

            if ((i + 1) % perCommit == 0 || i == entries - 1)
            {
                Commit(tree, prev, signer ?? Signer);
            }
        }
    }

    /// <summary>Derives hashes, links, tiles and head anew from the bodies' contents, as one who rewrites the log would.</summary>
    public void Rewrite(int from, bool withTiles, NoteSigner? signWith = null, bool dropCheckpoints = false)
    {
        var tree = new TreeAppender();
        Digest prev = default;
        if (withTiles)
        {
            Tiles.Clear();
        }

        if (dropCheckpoints)
        {
            Checkpoints.RemoveAll(c => c.Size > from);
        }

        for (var i = 0; i < Rows.Count; i++)
        {
            if (i > from)
            {
                Rows[i].Body = WithPrev(Rows[i].Body, prev);
            }

            prev = MerkleHash.Leaf(Rows[i].Body);
            Rows[i].Hash = prev.ToArray();
            tree.Append(prev);
            foreach (var tile in tree.TakeCompleted())
            {
                if (withTiles)
                {
                    Tiles.Add(new StoredTile { Level = tile.Level, Index = tile.Index, Root = tile.Root.ToArray(), Hashes = tile.Hashes.ToArray() });
                }
            }
        }

        var note = Head.Note;
        SetHead(tree, prev, signWith is null ? note : signWith.Sign(new Checkpoint(Name, tree.Size, tree.Root()).ToText()));
        if (signWith is not null && dropCheckpoints)
        {
            Checkpoints.Add(new StoredCheckpoint { Size = tree.Size, Note = Head.Note });
        }
    }

    /// <summary>An independent copy of everything stored.</summary>
    public StoredLog Copy()
    {
        var copy = new StoredLog
        {
            HasTiles = HasTiles,
            HasPartialTiles = HasPartialTiles,
            HasStoredHashes = HasStoredHashes,
            Head = Head with { Root = [.. Head.Root], Frontier = [.. Head.Frontier], LastHash = [.. Head.LastHash] },
        };
        copy.Rows.AddRange(Rows.Select(r => new StoredRow { Row = r.Row, Hash = [.. r.Hash], Body = [.. r.Body] }));
        copy.Tiles.AddRange(Tiles.Select(t => new StoredTile { Level = t.Level, Index = t.Index, Root = [.. t.Root], Hashes = [.. t.Hashes] }));
        copy.Checkpoints.AddRange(Checkpoints.Select(c => c with { }));
        foreach (var (hash, blob) in Blobs)
        {
            copy.Blobs.Add(hash, [.. blob]);
        }

        return copy;
    }

    /// <summary>The rows' numbers made contiguous again, as one who hides a deletion does.</summary>
    public void Renumber()
    {
        for (var i = 0; i < Rows.Count; i++)
        {
            Rows[i].Row = i;
        }
    }

    public Task<AuditReport> AuditAsync(params string[] outside) => AuditAsync(Key, outside);

    public Task<AuditReport> AuditAsync(VerifierKey key, params string[] outside) =>
        LogAuditor.AuditAsync(this, new AuditOptions([key], outside) { Blobs = this }, CancellationToken.None);

    /// <summary>An entry; content of the form <c>purge:DATA</c> makes it a purge entry with those data.</summary>
    public static byte[] Body(long seq, Digest prev, string content, int filler = 0) =>
        content.StartsWith(Purge, StringComparison.Ordinal) ? PurgeBody(seq, prev, content[Purge.Length..])
            : EventBody(seq, prev, content, filler);

    private const string Purge = "purge:";

    private static byte[] PurgeBody(long seq, Digest prev, string data) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture,
            $$"""{"action":"custody.purge.run","actor":{"id":"probity","type":"system"},"data":{{data}},"id":"evt_{{seq:x12}}","log":"{{Name}}","outcome":"success","prev":"{{prev}}","recorded_at":"2026-11-24T18:19:34.{{seq % 1000000:000000}}Z","seq":{{seq}},"type":"probity.custody.purged","v":1}"""));

    private static byte[] EventBody(long seq, Digest prev, string content, int filler) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture,
            $$"""{"action":"account.open","actor":{"id":"u-{{seq % 7}}","type":"user"},{{BlobReference(ref content)}}"data":{"note":"{{content}}","pad":"{{new string('x', filler)}}"},"id":"evt_{{seq:x12}}","log":"{{Name}}","outcome":"success","prev":"{{prev}}","recorded_at":"2026-11-24T18:19:34.{{seq % 1000000:000000}}Z","seq":{{seq}},"type":"event","v":1}"""));

    /// <summary>Content of the form <c>blob:HASH:LENGTH</c> becomes a blob reference.</summary>
    private static string BlobReference(ref string content)
    {
        var parts = content.Split(':');
        if (parts[0] != "blob")
        {
            return string.Empty;
        }

        content = "kept outside";
        return $$"""
            "blobs":[{"field":"/original","key":"seg_1","length":{{parts[2]}},"sha256":"{{parts[1]}}"}],
            """.Trim();
    }

    public static byte[] WithPrev(byte[] body, Digest prev)
    {
        var text = Encoding.UTF8.GetString(body);
        var at = text.IndexOf("\"prev\":\"", StringComparison.Ordinal) + 8;
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), prev.ToString(), text.AsSpan(at + 64)));
    }

    public ValueTask<AuditedHead?> ReadHeadAsync(CancellationToken cancellationToken) => ValueTask.FromResult<AuditedHead?>(
        new AuditedHead(Head.Note, Head.Size, Head.Root, Head.Frontier.AsMemory(), Head.LastHash, Head.Origin));

    public async IAsyncEnumerable<AuditedBatch> ReadEntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var chunk in Rows.OrderBy(r => r.Row).Chunk(1024))
        {
            var rows = chunk
                .Select(r => new AuditedEntry(r.Row, HasStoredHashes ? r.Hash : default(ReadOnlyMemory<byte>), r.Body))
                .ToArray();
            yield return HandsOverRows
                ? AuditedBatch.ToScan(
                    rows.Length + Overstated, take => Scan(rows, take), () => Task.FromResult(new AuditedBatch(rows)))
                : new AuditedBatch(rows);
        }

        await Task.CompletedTask;
    }

    private bool Scan(AuditedEntry[] rows, AuditedRowTaker take)
    {
        foreach (var row in rows)
        {
            take(row.Row, row.StoredHash.Span, row.Body.Span);
        }

        return Overstated == 0;
    }

    public async IAsyncEnumerable<AuditedTile> ReadTilesAsync(int level, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var tile in Tiles.Where(t => t.Level == level).OrderBy(t => t.Index))
        {
            yield return new AuditedTile(tile.Index, tile.Root, tile.Hashes);
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<AuditedCheckpoint> ReadCheckpointsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var checkpoint in Checkpoints.OrderBy(c => c.Size))
        {
            yield return new AuditedCheckpoint(checkpoint.Size, checkpoint.Note);
        }

        await Task.CompletedTask;
    }

    public ValueTask<Stream?> OpenAsync(Digest sha256, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream?>(Blobs.TryGetValue(sha256, out var blob) ? new MemoryStream(blob) : null);

    private void Commit(TreeAppender tree, Digest last, NoteSigner signer)
    {
        SetHead(tree, last, signer.Sign(new Checkpoint(Name, tree.Size, tree.Root()).ToText()));
        Checkpoints.Add(new StoredCheckpoint { Size = tree.Size, Note = Head.Note });
    }

    private void SetHead(TreeAppender tree, Digest last, string note) => Head = new StoredHead
    {
        Size = tree.Size,
        Root = tree.Root().ToArray(),
        Frontier = tree.CopyFrontier().Encode(),
        LastHash = last.ToArray(),
        Note = note,
    };

    internal sealed class StoredRow
    {
        public long Row { get; set; }

        public byte[] Hash { get; set; } = [];

        public byte[] Body { get; set; } = [];
    }

    internal sealed class StoredTile
    {
        public int Level { get; set; }

        public long Index { get; set; }

        public byte[] Root { get; set; } = [];

        public byte[] Hashes { get; set; } = [];
    }

    internal sealed record StoredCheckpoint
    {
        public long Size { get; set; }

        public string Note { get; set; } = string.Empty;
    }

    internal sealed record StoredHead
    {
        public long Size { get; set; }

        public byte[] Root { get; set; } = [];

        public byte[] Frontier { get; set; } = [];

        public byte[] LastHash { get; set; } = [];

        public string Note { get; set; } = string.Empty;

        public string Origin { get; set; } = Name;
    }
}
