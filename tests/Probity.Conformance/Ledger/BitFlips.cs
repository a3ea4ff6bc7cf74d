using System.Text;
using Probity.Ledger.Verification;

namespace Probity.Conformance.Ledger;

/// <summary>One bit of a stored value bent.</summary>
/// <param name="What">The column.</param>
/// <param name="Tampered">The log with it.</param>
/// <param name="Kind">The kind the audit must name.</param>
/// <param name="First">The first bad entry it must name, null when no entry is concerned.</param>
/// <param name="Where">How the place it names begins.</param>
internal sealed record BitFlip(string What, LogImage Tampered, FindingKind Kind, long? First, string Where)
{
    private static readonly UTF8Encoding s_strict = new(false, true);

    /// <summary>Flips in every column of every table, at every byte of what is small and at many of what is large.</summary>
    public static IEnumerable<BitFlip> InTables(LogImage sound) =>
        [.. InEntries(sound), .. InTiles(sound), .. InHead(sound), .. InCheckpoints(sound), .. InBlobs(sound)];

    private static IEnumerable<BitFlip> InEntries(LogImage sound)
    {
        foreach (var (seq, stride) in ((int, int)[])[(TamperedPlace.SmallSeq, 1), (0, 47), (255, 53), (256, 59), (511, 61), (599, 43)])
        {
            for (var at = seq % stride; at < sound.Entries[seq].Body.Length; at += stride)
            {
                var (row, bit) = (sound.Entries[seq], at % 8);
                yield return Entry("ledger_entry.body", sound, seq, row with { Body = Tampering.Flipped(row.Body, at, bit) },
                    FindingKind.Changed);
            }
        }

        foreach (var seq in (int[])[1, 256, 599])
        {
            for (var at = seq % 3; at < 32; at += 3)
            {
                var row = sound.Entries[seq];
                yield return Entry("ledger_entry.hash", sound, seq, row with { Hash = Tampering.Flipped(row.Hash, at, at % 8) },
                    FindingKind.HashAltered);
            }
        }

        foreach (var bit in (int[])[10, 17, 33, 62, 63])
        {
            yield return Entry("ledger_entry.seq", sound, 7, sound.Entries[7] with { Seq = 7 ^ (1L << bit) }, FindingKind.Reordered);
        }
    }

    private static IEnumerable<BitFlip> InTiles(LogImage sound)
    {
        for (var i = 0; i < 2; i++)
        {
            var row = sound.Tiles[i];
            for (var at = i; at < row.Hashes.Length; at += 149)
            {
                yield return Tile("ledger_tile.hashes", sound, i, row with { Hashes = Tampering.Flipped(row.Hashes, at, at % 8) },
                    (256 * i) + (at / 32));
            }

            for (var at = 0; at < 32; at += 3)
            {
                yield return Tile("ledger_tile.root", sound, i, row with { Root = Tampering.Flipped(row.Root, at, at % 8) }, 256 * i);
            }
        }

        yield return Tile("ledger_tile.level", sound, 0, sound.Tiles[0] with { Level = 4 }, 0);
        yield return Tile("ledger_tile.idx", sound, 1, sound.Tiles[1] with { Index = 1 ^ (1L << 40) }, 256);
    }

    private static IEnumerable<BitFlip> InHead(LogImage sound)
    {
        var head = sound.Head;
        for (var at = 0; at < 32; at += 2)
        {
            yield return Head("size", sound, head with { Size = head.Size ^ (1L << at) });
            yield return Head("root", sound, head with { Root = Tampering.Flipped(head.Root, at, at % 8) });
            yield return Head("last_hash", sound, head with { LastHash = Tampering.Flipped(head.LastHash, at, at % 8) });
        }

        for (var at = 0; at < head.Frontier.Length; at += 5)
        {
            yield return Head("frontier", sound, head with { Frontier = Tampering.Flipped(head.Frontier, at, at % 8) });
        }

        for (var bit = 0; bit < 63; bit += 7)
        {
            yield return Head("recorded_at", sound, head with { RecordedAt = head.RecordedAt ^ (1L << bit) });
        }

        yield return Head("origin", sound, head with { Origin = "q" + head.Origin[1..] });
        for (var at = 0; at < head.Note.Length; at += 3)
        {
            yield return new BitFlip("ledger_head.checkpoint", WithHead(sound, head with { Note = FlippedText(head.Note, at) }),
                FindingKind.CheckpointAltered, null, "head/checkpoint");
        }
    }

    private static IEnumerable<BitFlip> InCheckpoints(LogImage sound)
    {
        foreach (var i in (int[])[3, sound.Checkpoints.Count - 1])
        {
            var row = sound.Checkpoints[i];
            for (var at = i % 3; at < row.Note.Length; at += 3)
            {
                yield return Checkpoint("ledger_checkpoint.note", sound, i, row with { Note = FlippedText(row.Note, at) });
            }

            yield return Checkpoint("ledger_checkpoint.size", sound, i, row with { Size = row.Size ^ 2 });
            yield return Checkpoint("ledger_checkpoint.size", sound, i, row with { Size = row.Size ^ (1 << 20) });
        }
    }

    private static IEnumerable<BitFlip> InBlobs(LogImage sound)
    {
        var row = sound.Blobs[0];
        for (var at = 0; at < row.Content.Length; at += 7_001)
        {
            yield return Blob("blob.content", sound, row with { Content = Tampering.Flipped(row.Content, at, at % 8) },
                FindingKind.BlobAltered);
        }

        yield return Blob("blob.sha256", sound, row with { Sha256 = Tampering.Flipped(row.Sha256, 9, 3) }, FindingKind.BlobMissing);
    }

    private static BitFlip Entry(string what, LogImage sound, int seq, EntryRow row, FindingKind kind)
    {
        var image = sound.Copy();
        image.Entries[seq] = row;
        return new BitFlip(what, image, kind, seq, "entry/");
    }

    private static BitFlip Tile(string what, LogImage sound, int i, TileRow row, long first)
    {
        var image = sound.Copy();
        image.Tiles[i] = row;
        return new BitFlip(what, image, FindingKind.TileAltered, first, "tile/");
    }

    private static BitFlip Head(string field, LogImage sound, HeadRow row) =>
        new("ledger_head." + field, WithHead(sound, row), FindingKind.HeadAltered, null, "head/" + field);

    private static LogImage WithHead(LogImage sound, HeadRow row)
    {
        var image = sound.Copy();
        image.Head = row;
        return image;
    }

    private static BitFlip Checkpoint(string what, LogImage sound, int i, CheckpointRow row)
    {
        var image = sound.Copy();
        image.Checkpoints[i] = row;
        return new BitFlip(what, image, FindingKind.CheckpointAltered, null, "checkpoint/");
    }

    private static BitFlip Blob(string what, LogImage sound, BlobRow row, FindingKind kind)
    {
        var image = sound.Copy();
        image.Blobs[0] = row;
        return new BitFlip(what, image, kind, TamperedPlace.BlobSeq, "blob/");
    }

    /// <summary>A bit after which the text is still one: PostgreSQL takes no other.</summary>
    private static byte[] FlippedText(byte[] text, int at)
    {
        for (var i = 0; ; i++)
        {
            var flipped = Tampering.Flipped(text, at, (at + i) % 8);
            if (flipped[at] != 0 && IsText(flipped))
            {
                return flipped;
            }
        }
    }

    private static bool IsText(byte[] bytes)
    {
        try
        {
            return s_strict.GetCharCount(bytes) > 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
