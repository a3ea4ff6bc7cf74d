using System.Globalization;
using System.Text;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>Every tampering of the adversary table is detected, named and located.</summary>
public sealed class AdversaryTableTests(ITestOutputHelper output)
{
    private const int Entries = 700;

    private static readonly StoredLog s_sound = Sound();

    private static readonly Case[] s_cases =
    [
        new("one bit in a body", FindingKind.Changed, 317, l => l.Rows[317].Body[40] ^= 4),
        new("one bit in the last body", FindingKind.Changed, 699, l => l.Rows[699].Body[40] ^= 4),
        new("a body and its stored hash", FindingKind.Changed, 317, l => Replace(l, 317, withHash: true)),
        new("a body and its stored hash, no tile yet", FindingKind.Changed, 690, l => Replace(l, 690, withHash: true)),
        new("body, stored hash and tile, chain kept", FindingKind.Changed, 317, l => Replace(l, 317, withHash: true, withTile: true)),
        new("a time changed", FindingKind.Changed, 5, l => l.Rows[5].Body = Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(l.Rows[5].Body).Replace("2026-11-24", "2026-11-23", StringComparison.Ordinal))),
        new("an entry's own number changed", FindingKind.Changed, 300, l => SetSeq(l.Rows[300], 3000)),
        new("an entry's own number made an earlier one", FindingKind.Changed, 300, l => SetSeq(l.Rows[300], 12)),
        new("a body emptied", FindingKind.Deleted, 300, l => l.Rows[300].Body = []),
        new("two neighbouring bodies", FindingKind.Changed, 400, l => { l.Rows[400].Body[9] ^= 1; l.Rows[401].Body[9] ^= 1; }, 401),
        new("one bit in a stored hash", FindingKind.HashAltered, 600, l => l.Rows[600].Hash[31] ^= 128),
        new("a stored hash cut short", FindingKind.HashAltered, 600, l => l.Rows[600].Hash = l.Rows[600].Hash[..31]),
        new("one bit in a leaf tile", FindingKind.TileAltered, 300, l => Tile(l, 0, 1).Hashes[(44 * 32) + 3] ^= 1),
        new("one bit in a tile's root", FindingKind.TileAltered, 256, l => Tile(l, 0, 1).Root[0] ^= 1, 511),
        new("a tile deleted", FindingKind.TileAltered, 0, l => l.Tiles.RemoveAt(0), 255),
        new("a tile of entries that are not there", FindingKind.TileAltered, 768, l => l.Tiles.Add(
            new StoredLog.StoredTile { Level = 0, Index = 3, Root = new byte[32], Hashes = new byte[8192] }), 1023),
        new("two neighbouring entries swapped", FindingKind.Reordered, 200, l => Swap(l, 200, 201), 201),
        new("two distant entries swapped", FindingKind.Reordered, 20, l => Swap(l, 20, 650), 650),
        new("two bodies swapped, hashes left", FindingKind.Reordered, 20, l => (l.Rows[20].Body, l.Rows[25].Body) = (l.Rows[25].Body, l.Rows[20].Body), 25),
        new("the last two swapped", FindingKind.Reordered, 698, l => Swap(l, 698, 699), 699),
        new("a block of 100 moved", FindingKind.Reordered, 100, l => MoveBlock(l, 100, 100, 400), 399),
        new("one deleted", FindingKind.Deleted, 123, l => l.Rows.RemoveAt(123)),
        new("one deleted, rows renumbered", FindingKind.Deleted, 123, l => { l.Rows.RemoveAt(123); l.Renumber(); }),
        new("two neighbours deleted", FindingKind.Deleted, 123, l => l.Rows.RemoveRange(123, 2), 124),
        new("two neighbours deleted, rows renumbered", FindingKind.Deleted, 123, l => { l.Rows.RemoveRange(123, 2); l.Renumber(); }, 124),
        new("two neighbours deleted near the end", FindingKind.Deleted, 690, l => l.Rows.RemoveRange(690, 2), 691),
        new("the first entry deleted", FindingKind.Deleted, 0, l => l.Rows.RemoveAt(0)),
        new("the last but one deleted, rows renumbered", FindingKind.Deleted, 698, l => { l.Rows.RemoveAt(698); l.Renumber(); }),
        new("300 deleted", FindingKind.Deleted, 150, l => l.Rows.RemoveRange(150, 300), 449),
        new("one deleted in two places", FindingKind.Deleted, 30, l => { l.Rows.RemoveAt(500); l.Rows.RemoveAt(30); }),
        new("the newest 30 rows cut off", FindingKind.Truncated, 670, l => l.Rows.RemoveRange(670, 30), 699),
        new("the newest row cut off", FindingKind.Truncated, 699, l => l.Rows.RemoveAt(699)),
        new("all rows removed", FindingKind.Truncated, 0, l => l.Rows.Clear(), 699),
        new("the newest 30 cut off with head and checkpoints", FindingKind.RolledBack, 670, l => CutBack(l, 670), 699, KeepsOutside: true),
        new("an old copy of the store put back", FindingKind.RolledBack, 300, l => PutBack(l, 300), 699, KeepsOutside: true),
        new("an old head put back", FindingKind.RolledBack, 300, PutHeadBack, 699),
        new("one inserted, rows renumbered", FindingKind.Inserted, 222, l => InsertAt(l, 222)),
        new("one inserted that continues the chain", FindingKind.Inserted, 222, l => InsertAt(l, 222, linked: true)),
        new("one inserted behind the newest", FindingKind.Inserted, 700, l => InsertAt(l, 700, linked: true)),
        new("a copy of an old entry behind the newest", FindingKind.Inserted, 700, l => l.Rows.Add(
            new StoredLog.StoredRow { Row = 700, Hash = l.Rows[3].Hash, Body = l.Rows[3].Body })),
        new("an entry replaced by a copy of another", FindingKind.Changed, 44, l =>
            (l.Rows[44].Body, l.Rows[44].Hash) = (l.Rows[43].Body, l.Rows[43].Hash)),
        new("value changed, chain and head recomputed", FindingKind.Changed, 317, l => Rewrite(l, 317, withTiles: false), 699),
        new("value changed, chain, tiles and head recomputed", FindingKind.Changed, 300, l => Rewrite(l, 317, withTiles: true), 349),
        new("the same and signed by the log's own key", FindingKind.Forked, 300, l => Rewrite(l, 317, withTiles: true, StoredLog.Signer), 699, KeepsOutside: true),
        new("a fork from an old copy", FindingKind.Forked, 300, Fork, 699, KeepsOutside: true),
        new("a fork with two signed checkpoints stored", FindingKind.Forked, 650, l => l.Checkpoints.Insert(13,
            new StoredLog.StoredCheckpoint { Size = 675, Note = StoredLog.Signer.Sign(new Checkpoint(StoredLog.Name, 675, MerkleHash.Empty).ToText()) }), 674),
        new("all checkpoints signed by another key", FindingKind.WrongKey, null, SignAllWithAnotherKey),
        new("one checkpoint signed by another key", FindingKind.WrongKey, null, l => l.Checkpoints[4].Note = Other().Sign(
            SignedNote.Parse(l.Checkpoints[4].Note).Text)),
        new("one bit in a checkpoint's signature", FindingKind.CheckpointAltered, null, l => l.Checkpoints[4].Note = Bend(l.Checkpoints[4].Note, ^10)),
        new("a checkpoint's size", FindingKind.CheckpointAltered, null, l => l.Checkpoints[4].Note =
            l.Checkpoints[4].Note.Replace("\n250\n", "\n251\n", StringComparison.Ordinal)),
        new("a checkpoint filed under another size", FindingKind.CheckpointAltered, null, l => l.Checkpoints[4].Size = 249),
        new("the head's root", FindingKind.HeadAltered, null, l => l.Head.Root[3] ^= 1),
        new("the head's frontier", FindingKind.HeadAltered, null, l => l.Head.Frontier[3] ^= 1),
        new("the head's last hash", FindingKind.HeadAltered, null, l => l.Head.LastHash[3] ^= 1),
        new("the head's size, one more", FindingKind.HeadAltered, null, l => l.Head.Size++),
        new("the head's size, one less", FindingKind.HeadAltered, null, l => l.Head.Size--),
        new("the head's origin", FindingKind.HeadAltered, null, l => l.Head.Origin = "log.example/other"),
        new("the head's checkpoint", FindingKind.CheckpointAltered, null, l => l.Head.Note = Bend(l.Head.Note, 20)),
        new("one bit in a blob", FindingKind.BlobAltered, 10, l => l.Blobs.First().Value[2] ^= 1),
        new("a blob cut short", FindingKind.BlobAltered, 10, l => l.Blobs[l.Blobs.First().Key] = [1]),
        new("a blob deleted", FindingKind.BlobMissing, 10, l => l.Blobs.Clear()),
    ];

    public static TheoryData<string> Names => [.. s_cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Tampering_is_detected_and_named_and_located(string name)
    {
        var tampering = s_cases.Single(c => c.Name == name);

        var report = await tampering.RunAsync();

        var first = Assert.IsType<Finding>(report.First);
        Assert.True((tampering.Kind, tampering.First, tampering.Last ?? tampering.First) == (first.Kind, first.FirstSeq, first.LastSeq),
            $"expected {tampering.Kind} {tampering.First}-{tampering.Last}; found\n" + Describe(report));
        Assert.True(report.Findings.Count <= 3, "A cascade:\n" + Describe(report));
        Assert.NotEmpty(first.Detail);
        Assert.NotEmpty(first.Affected);
    }

    [Fact]
    public async Task The_whole_table_is_printed()
    {
        output.WriteLine($"{"tampering",-52} {"kind",-18} {"first bad",-10} {"last good checkpoint",-20} findings");
        foreach (var tampering in s_cases)
        {
            var report = await tampering.RunAsync();
            var first = report.First!;
            output.WriteLine($"{tampering.Name,-52} {first.Kind.ToWireName(),-18} {first.FirstSeq?.ToString(CultureInfo.InvariantCulture) ?? first.Where,-10} "
                + $"{first.LastGood?.Size.ToString(CultureInfo.InvariantCulture) ?? "none",-20} {report.Findings.Count}");
        }
    }

    [Fact]
    public async Task An_untouched_log_is_sound_with_an_outside_checkpoint_of_each_size()
    {
        var report = await s_sound.AuditAsync([.. s_sound.Checkpoints.Select(c => c.Note)]);

        Assert.True(report.IsSound, Describe(report));
        Assert.Equal((Entries, 14 + 14 + 1, 1, 0),
            ((int)report.Counts.Entries, (int)report.Counts.Checkpoints, (int)report.Counts.Blobs, (int)report.Counts.UnsignedEntries));
        Assert.Equal(700, report.LastGood?.Size);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(512)]
    public async Task Logs_of_every_edge_size_are_sound(int size)
    {
        var log = StoredLog.Of(size, 3);
        if (size == 0)
        {
            log.Head = new StoredLog.StoredHead { Root = MerkleHash.Empty.ToArray(), LastHash = new byte[32],
                Note = StoredLog.Signer.Sign(new Checkpoint(StoredLog.Name, 0, MerkleHash.Empty).ToText()) };
        }

        var report = await log.AuditAsync();

        Assert.True(report.IsSound, Describe(report));
    }

    [Fact]
    public async Task Entries_not_yet_signed_for_are_sound_and_counted()
    {
        var log = StoredLog.Of(20);
        log.Checkpoints.RemoveAt(1);
        log.Head.Note = log.Checkpoints[0].Note;

        var report = await log.AuditAsync();

        Assert.True(report.IsSound, Describe(report));
        Assert.Equal(10, report.Counts.UnsignedEntries);
    }

    [Fact]
    public async Task Without_a_key_of_the_log_nothing_is_judged() =>
        await Assert.ThrowsAsync<ArgumentException>(() => s_sound.AuditAsync(NoteSigner.FromSeed("other.example", StoredLog.Seed(3)).Key));

    [Fact]
    public async Task A_log_in_which_nothing_fits_ends_with_a_bounded_report()
    {
        var log = StoredLog.Of(3000, 3000);
        for (var i = 0; i < log.Rows.Count; i += 3)
        {
            log.Rows[i].Body[20] ^= 1;
        }

        var report = await log.AuditAsync();

        Assert.Equal(AuditOptions.MaxFindings, report.Findings.Count);
        Assert.True(report.IsBounded);
    }

    [Fact]
    public async Task Rows_left_unread_after_an_early_end_are_not_called_missing()
    {
        var log = StoredLog.Of(24_000, 24_000);
        for (var i = 0; i < log.Rows.Count; i++)
        {
            // Neighbours are altered in different ways, so that each is a record of its own.
            Replace(log, i, withHash: i % 2 == 0);
        }

        var report = await log.AuditAsync();

        Assert.True(report.IsBounded);
        Assert.Equal((FindingKind.Changed, 0L), (report.First!.Kind, report.First.FirstSeq));
        Assert.DoesNotContain(report.Findings, f => f.Kind is FindingKind.Truncated or FindingKind.Deleted or FindingKind.HeadAltered);
    }

    internal static string Describe(AuditReport report) => string.Join('\n', report.Findings.Take(8).Select(f =>
        $"  {f.Kind} {f.FirstSeq}-{f.LastSeq} at {f.Where}: {f.Detail} good={f.LastGood?.Size}"));

    private static StoredLog Sound()
    {
        byte[] blob = [1, 2, 3, 4, 5];
        var hash = Digest.From(System.Security.Cryptography.SHA256.HashData(blob));
        var log = StoredLog.Of(Entries, 50, content: i => i == 10 ? $"blob:{hash}:5" : $"open account {i}");
        log.Blobs.Add(hash, blob);
        return log;
    }

    private static void Replace(StoredLog log, int i, bool withHash, bool withTile = false)
    {
        log.Rows[i].Body[40] ^= 1;
        var leaf = MerkleHash.Leaf(log.Rows[i].Body);
        if (withHash)
        {
            log.Rows[i].Hash = leaf.ToArray();
        }

        if (withTile)
        {
            var tile = Tile(log, 0, i / 256);
            leaf.CopyTo(tile.Hashes.AsSpan(i % 256 * 32));
            tile.Root = TileHashes.Root(tile.Hashes).ToArray();
        }
    }

    private static StoredLog.StoredTile Tile(StoredLog log, int level, long index) =>
        log.Tiles.Single(t => t.Level == level && t.Index == index);

    private static void SetSeq(StoredLog.StoredRow row, long seq)
    {
        var text = Encoding.UTF8.GetString(row.Body);
        var at = text.LastIndexOf("\"seq\":", StringComparison.Ordinal) + 6;
        row.Body = Encoding.UTF8.GetBytes(text[..at] + seq.ToString(CultureInfo.InvariantCulture)
            + text[text.IndexOf(',', at)..]);
    }

    private static void Swap(StoredLog log, int a, int b)
    {
        (log.Rows[a].Body, log.Rows[b].Body) = (log.Rows[b].Body, log.Rows[a].Body);
        (log.Rows[a].Hash, log.Rows[b].Hash) = (log.Rows[b].Hash, log.Rows[a].Hash);
    }

    private static void MoveBlock(StoredLog log, int from, int count, int to)
    {
        var block = log.Rows.GetRange(from, count);
        log.Rows.RemoveRange(from, count);
        log.Rows.InsertRange(to - count, block);
        log.Renumber();
    }

    private static void InsertAt(StoredLog log, int at, bool linked = false)
    {
        var prev = linked ? Digest.From(log.Rows[at - 1].Hash) : Digest.From(StoredLog.Seed(7));
        var body = StoredLog.Body(at, prev, "smuggled in");
        log.Rows.Insert(at, new StoredLog.StoredRow { Hash = MerkleHash.Leaf(body).ToArray(), Body = body });
        log.Renumber();
    }

    private static void CutBack(StoredLog log, int size)
    {
        log.Rows.RemoveRange(size, log.Rows.Count - size);
        log.Checkpoints.RemoveAll(c => c.Size > size);
        log.Append(0);
        log.Rewrite(size, withTiles: true, StoredLog.Signer);
        log.Checkpoints.Add(new StoredLog.StoredCheckpoint { Size = size, Note = log.Head.Note });
    }

    private static void PutBack(StoredLog log, int size)
    {
        log.Rows.RemoveRange(size, log.Rows.Count - size);
        log.Tiles.RemoveAll(t => (t.Index + 1) * (t.Level == 0 ? 256 : 65536) > size);
        log.Checkpoints.RemoveAll(c => c.Size > size);
        var old = StoredLog.Of(0);
        old.Rows.AddRange(log.Rows);
        old.Rewrite(size, withTiles: true);
        log.Head = old.Head with { Note = log.Checkpoints[^1].Note };
    }

    private static void PutHeadBack(StoredLog log)
    {
        var old = log.Copy();
        PutBack(old, 300);
        log.Head = old.Head;
    }

    private static void Rewrite(StoredLog log, int at, bool withTiles, NoteSigner? signer = null)
    {
        log.Rows[at].Body[40] ^= 1;
        log.Rewrite(at, withTiles, signer, dropCheckpoints: signer is not null);
    }

    private static void Fork(StoredLog log)
    {
        PutBack(log, 300);
        log.Append(500, 50, content: i => $"another history {i}");
    }

    private static NoteSigner Other() => NoteSigner.FromSeed(StoredLog.Name, StoredLog.Seed(2));

    private static void SignAllWithAnotherKey(StoredLog log)
    {
        using var other = Other();
        foreach (var checkpoint in log.Checkpoints)
        {
            checkpoint.Note = other.Sign(SignedNote.Parse(checkpoint.Note).Text);
        }

        log.Head.Note = log.Checkpoints[^1].Note;
    }

    private static string Bend(string note, Index at)
    {
        var bytes = Encoding.UTF8.GetBytes(note);
        bytes[at] ^= 1;
        return Encoding.UTF8.GetString(bytes);
    }

    private sealed record Case(
        string Name, FindingKind Kind, long? First, Action<StoredLog> Tamper, long? Last = null, bool KeepsOutside = false)
    {
        public async Task<AuditReport> RunAsync()
        {
            var log = s_sound.Copy();
            Tamper(log);
            return KeepsOutside
                ? await log.AuditAsync(s_sound.Checkpoints[5].Note, s_sound.Head.Note)
                : await log.AuditAsync();
        }
    }
}
