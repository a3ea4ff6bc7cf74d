using System.Text;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;

namespace Probity.Conformance.Ledger;

/// <summary>
/// Everything stored of one log, open to every kind of tampering. Rows are never changed, only replaced, so that a copy
/// shares them and two images differ in the rows that are not the same objects.
/// </summary>
internal sealed class LogImage
{
    public List<EntryRow> Entries { get; private init; } = [];

    public List<TileRow> Tiles { get; private init; } = [];

    public List<CheckpointRow> Checkpoints { get; private init; } = [];

    public List<BlobRow> Blobs { get; private init; } = [];

    public required HeadRow Head { get; set; }

    /// <summary>Whether partial tiles are kept, as an exported log does.</summary>
    public bool HasPartialTiles { get; private init; }

    public LogImage Copy() => Copy(HasPartialTiles);

    /// <summary>The same log as an export keeps it.</summary>
    public LogImage AsExport()
    {
        var export = Copy(hasPartialTiles: true);
        export.Rewrite(long.MaxValue, withTiles: true, withHead: false);
        return export;
    }

    public string NoteOf(long size) => Encoding.UTF8.GetString(Checkpoints.Single(c => c.Size == size).Note);

    /// <summary>The rows' numbers made contiguous again, as one who hides a deletion does.</summary>
    public void Renumber()
    {
        for (var i = 0; i < Entries.Count; i++)
        {
            Entries[i] = Entries[i] with { Seq = i };
        }
    }

    /// <summary>Swaps what two rows hold; their numbers stay.</summary>
    public void Swap(int a, int b, bool withHashes)
    {
        var (first, second) = (Entries[a], Entries[b]);
        Entries[a] = first with { Body = second.Body, Hash = withHashes ? second.Hash : first.Hash };
        Entries[b] = second with { Body = first.Body, Hash = withHashes ? first.Hash : second.Hash };
    }

    /// <summary>Puts another value into an entry, with or without the hash beside it.</summary>
    public void Change(int at, bool withHash)
    {
        var body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Entries[at].Body)
            .Replace("\"test.do\"", "\"test.un\"", StringComparison.Ordinal));
        Entries[at] = Entries[at] with { Body = body, Hash = withHash ? MerkleHash.Leaf(body).ToArray() : Entries[at].Hash };
    }

    /// <summary>Puts a new entry in, made of the one before it.</summary>
    public void Insert(int at, bool isLinked)
    {
        var body = WithMember(Entries[at - 1].Body, "\"seq\":", $"{at}");
        body = WithPrev(body, isLinked ? Digest.From(Entries[at - 1].Hash) : MerkleHash.Empty);
        Entries.Insert(at, new EntryRow(at, MerkleHash.Leaf(body).ToArray(), body));
        Renumber();
    }

    /// <summary>Back to a checkpoint's size: what an attacker without the key can do so that all is consistent.</summary>
    public void CutBackTo(int size)
    {
        Entries.RemoveRange(size, Entries.Count - size);
        Checkpoints.RemoveAll(c => c.Size > size);
        Rewrite(long.MaxValue, withTiles: true, withHead: true);
        Head = Head with { Note = Checkpoints[^1].Note };
    }

    /// <summary>
    /// Derives links and hashes anew after an entry; then tiles and head; then signs every checkpoint after it.
    /// </summary>
    public void Rewrite(long from, bool withTiles, bool withHead, NoteSigner? signer = null)
    {
        var tree = new TreeAppender();
        var roots = new Dictionary<long, Digest>();
        var tiles = new List<TileRow>();
        Digest prev = default;
        for (var i = 0; i < Entries.Count; i++)
        {
            var body = i > from ? WithPrev(Entries[i].Body, prev) : Entries[i].Body;
            prev = MerkleHash.Leaf(body);
            if (i >= from)
            {
                Entries[i] = Entries[i] with { Body = body, Hash = prev.ToArray() };
            }

            tree.Append(prev);
            roots[tree.Size] = tree.Root();
            tiles.AddRange(tree.TakeCompleted().Select(
                t => new TileRow(t.Level, t.Index, t.Root.ToArray(), t.Hashes.ToArray())));
        }

        if (withTiles)
        {
            SetTiles(tree, tiles);
        }

        if (withHead)
        {
            Head = Head with
            {
                Size = tree.Size,
                Root = tree.Root().ToArray(),
                Frontier = tree.CopyFrontier().Encode(),
                LastHash = prev.ToArray(),
            };
        }

        if (signer is not null)
        {
            Sign(signer, from, roots);
        }
    }

    /// <summary>Signs every checkpoint above a size, and the head's.</summary>
    public void Sign(NoteSigner signer, long above, IReadOnlyDictionary<long, Digest>? roots = null)
    {
        for (var i = 0; i < Checkpoints.Count; i++)
        {
            var size = Checkpoints[i].Size;
            if (size > above)
            {
                var text = roots is null
                    ? SignedNote.Parse(Checkpoints[i].Note).Text
                    : new Checkpoint(Head.Origin, size, roots[size], []).ToText();
                Checkpoints[i] = new CheckpointRow(size, Encoding.UTF8.GetBytes(signer.Sign(text)));
            }
        }

        Head = Head with { Note = Checkpoints[^1].Note };
    }

    private void SetTiles(TreeAppender tree, List<TileRow> full)
    {
        Tiles.Clear();
        Tiles.AddRange(full);
        for (var level = 0; HasPartialTiles && level < 8; level++)
        {
            if (tree.PartialTile(level) is { IsEmpty: false } partial)
            {
                Tiles.Add(new TileRow(level, tree.Size >> (8 * (level + 1)), [], partial.ToArray()));
            }
        }
    }

    private LogImage Copy(bool hasPartialTiles) => new()
    {
        Entries = [.. Entries],
        Tiles = [.. Tiles],
        Checkpoints = [.. Checkpoints],
        Blobs = [.. Blobs],
        Head = Head,
        HasPartialTiles = hasPartialTiles,
    };

    private static byte[] WithPrev(byte[] body, Digest prev) => WithMember(body, "\"prev\":", $"\"{prev}\"");

    private static byte[] WithMember(byte[] body, string member, string value)
    {
        var text = Encoding.UTF8.GetString(body);
        var at = text.LastIndexOf(member, StringComparison.Ordinal) + member.Length;
        return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), value, text.AsSpan(text.IndexOf(',', at))));
    }
}

internal sealed record EntryRow(long Seq, byte[] Hash, byte[] Body);

internal sealed record TileRow(int Level, long Index, byte[] Root, byte[] Hashes);

internal sealed record CheckpointRow(long Size, byte[] Note);

internal sealed record BlobRow(byte[] Sha256, string Key, byte[] Content);

internal sealed record HeadRow(
    string Origin, long Size, byte[] Root, byte[] Frontier, byte[] LastHash, byte[] Note, long RecordedAt);
