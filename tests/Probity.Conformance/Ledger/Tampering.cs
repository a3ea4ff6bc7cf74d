using Probity.Ledger.Notes;
using Probity.Ledger.Verification;

namespace Probity.Conformance.Ledger;

/// <summary>One row of the table: what is done to the log and what the audit must say.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Kind">The kind of the finding.</param>
/// <param name="First">The first bad entry; null when no entry is concerned.</param>
/// <param name="Make">Makes the tampered log of a copy of the sound one.</param>
internal sealed record Tampering(string Name, FindingKind Kind, long? First, Func<TamperedPlace, LogImage, LogImage> Make)
{
    /// <summary>Whether the auditor is given checkpoints that were kept elsewhere.</summary>
    public bool HasOutside { get; init; }

    /// <summary>Whether it can be done in tables only: an export keeps no hashes, row numbers or head fields.</summary>
    public bool InTablesOnly { get; init; }

    /// <summary>
    /// Whether the last good checkpoint must be the largest one before the first bad entry, as it is where entries fail.
    /// Where a tile, a blob or the head fails the entries hold, and so do checkpoints after them.
    /// </summary>
    public bool LastGoodIsBefore { get; init; } = true;

    public static Tampering[] All { get; } =
    [
        On("one bit in a body", FindingKind.Changed, 317, l => l.Entries[317] = l.Entries[317] with { Body = Flipped(l.Entries[317].Body, 40, 2) }),
        On("one bit in a stored hash", FindingKind.HashAltered, 590, l => l.Entries[590] = l.Entries[590] with { Hash = Flipped(l.Entries[590].Hash, 31, 7) }) with { InTablesOnly = true },
        On("one bit in a hash tile", FindingKind.TileAltered, 300, l => l.Tiles[1] = l.Tiles[1] with { Hashes = Flipped(l.Tiles[1].Hashes, 44 * 32, 0) }) with { LastGoodIsBefore = false },
        On("one bit in a tile's root", FindingKind.TileAltered, 256, l => l.Tiles[1] = l.Tiles[1] with { Root = Flipped(l.Tiles[1].Root, 0, 0) }) with { InTablesOnly = true, LastGoodIsBefore = false },
        On("a hash tile deleted", FindingKind.TileAltered, 0, l => l.Tiles.RemoveAt(0)) with { LastGoodIsBefore = false },
        On("two bodies swapped, hashes left", FindingKind.Reordered, 330, l => l.Swap(330, 335, withHashes: false)),
        On("two neighbouring entries swapped", FindingKind.Reordered, 200, l => l.Swap(200, 201, withHashes: true)),
        On("two distant entries swapped", FindingKind.Reordered, 20, l => l.Swap(20, 550, withHashes: true)),
        On("the last two entries swapped", FindingKind.Reordered, 598, l => l.Swap(598, 599, withHashes: true)),
        On("one deleted", FindingKind.Deleted, 123, l => l.Entries.RemoveAt(123)),
        On("one deleted, rows renumbered", FindingKind.Deleted, 123, l => { l.Entries.RemoveAt(123); l.Renumber(); }),
        On("two neighbours deleted", FindingKind.Deleted, 410, l => l.Entries.RemoveRange(410, 2)),
        On("two neighbours deleted, rows renumbered", FindingKind.Deleted, 410, l => { l.Entries.RemoveRange(410, 2); l.Renumber(); }),
        On("the newest row cut off, head left", FindingKind.Truncated, 599, l => l.Entries.RemoveAt(599)),
        On("the newest 35 cut off, head left", FindingKind.Truncated, 565, l => l.Entries.RemoveRange(565, 35)),
        On("the newest 200 cut off, head left", FindingKind.Truncated, 400, l => l.Entries.RemoveRange(400, 200)),
        On("the newest 35 cut off everywhere", FindingKind.RolledBack, 565, l => l.CutBackTo(565)) with { HasOutside = true },
        On("one inserted, rows renumbered", FindingKind.Inserted, 222, l => l.Insert(222, isLinked: false)),
        On("one inserted that continues the chain", FindingKind.Inserted, 222, l => l.Insert(222, isLinked: true)),
        On("one inserted behind the newest", FindingKind.Inserted, 600, l => l.Insert(600, isLinked: true)),
        On("a value changed with its hash", FindingKind.Changed, 317, l => l.Change(317, withHash: true)),
        On("a value changed, chain recomputed", FindingKind.Changed, 317, l => Rewrite(l, withTiles: false, withHead: false)),
        On("a value changed, chain, tiles and head recomputed", FindingKind.Changed, 300, l => Rewrite(l, withTiles: true, withHead: true)),
        On("the same, with outside checkpoints", FindingKind.Changed, 300, l => Rewrite(l, withTiles: true, withHead: true)) with { HasOutside = true },
        With("the same, all signed anew by the log's own key", FindingKind.Forked, 300, (p, l) => Resign(l, p.Signer)) with { HasOutside = true },
        With("the same, all signed anew by a foreign key", FindingKind.WrongKey, null, (p, l) => Resign(l, p.Foreign)),
        With("all checkpoints signed by a foreign key", FindingKind.WrongKey, null, (p, l) => l.Sign(p.Foreign, 0)),
        On("an old head put back", FindingKind.RolledBack, 300, (p, l) => l.Head = p.Old.Head) with { InTablesOnly = true, LastGoodIsBefore = false },
        new("an old copy put back", FindingKind.RolledBack, 300, (p, _) => p.Old) { HasOutside = true },
        new("a fork from an old copy", FindingKind.Forked, 300, (p, _) => p.Fork) { HasOutside = true },
        On("one bit in the head's checkpoint", FindingKind.CheckpointAltered, null, l => l.Head = l.Head with { Note = Flipped(l.Head.Note, l.Head.Note.Length - 8, 1) }),
        On("one bit in a checkpoint", FindingKind.CheckpointAltered, null, l => l.Checkpoints[4] = l.Checkpoints[4] with { Note = Flipped(l.Checkpoints[4].Note, 20, 0) }),
        On("a checkpoint filed under another size", FindingKind.CheckpointAltered, null, l => l.Checkpoints[4] = l.Checkpoints[4] with { Size = 30 }),
        On("the head's size", FindingKind.HeadAltered, null, l => l.Head = l.Head with { Size = 599 }) with { InTablesOnly = true },
        On("the head's root", FindingKind.HeadAltered, null, l => l.Head = l.Head with { Root = Flipped(l.Head.Root, 3, 0) }) with { InTablesOnly = true },
        On("the head's frontier", FindingKind.HeadAltered, null, l => l.Head = l.Head with { Frontier = Flipped(l.Head.Frontier, 3, 0) }) with { InTablesOnly = true },
        On("the head's last hash", FindingKind.HeadAltered, null, l => l.Head = l.Head with { LastHash = Flipped(l.Head.LastHash, 3, 0) }) with { InTablesOnly = true },
        On("the head's origin", FindingKind.HeadAltered, null, l => l.Head = l.Head with { Origin = "log.example/other" }) with { InTablesOnly = true },
        On("one bit in a blob", FindingKind.BlobAltered, 250, l => l.Blobs[0] = l.Blobs[0] with { Content = Flipped(l.Blobs[0].Content, 100, 0) }) with { LastGoodIsBefore = false },
        On("a blob deleted", FindingKind.BlobMissing, 250, l => l.Blobs.Clear()) with { LastGoodIsBefore = false },
    ];

    public static byte[] Flipped(byte[] bytes, int at, int bit)
    {
        var copy = (byte[])bytes.Clone();
        copy[at] ^= (byte)(1 << bit);
        return copy;
    }

    private static Tampering On(string name, FindingKind kind, long? first, Action<LogImage> tamper) =>
        With(name, kind, first, (_, image) => tamper(image));

    private static Tampering On(string name, FindingKind kind, long? first, Action<TamperedPlace, LogImage> tamper) =>
        With(name, kind, first, tamper);

    private static Tampering With(string name, FindingKind kind, long? first, Action<TamperedPlace, LogImage> tamper) =>
        new(name, kind, first, (place, image) =>
        {
            tamper(place, image);
            return image;
        });

    private static void Rewrite(LogImage image, bool withTiles, bool withHead)
    {
        image.Change(317, withHash: true);
        image.Rewrite(317, withTiles, withHead);
    }

    private static void Resign(LogImage image, NoteSigner signer)
    {
        image.Change(317, withHash: true);
        image.Rewrite(317, withTiles: true, withHead: true, signer);
    }
}
