using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Probity.Ledger.Verification;
using Xunit;

namespace Probity.Tests.Verification;

/// <summary>One bit bent in any stored byte is detected, named, and located at the right entry.</summary>
public sealed class BitFlipTests(ITestOutputHelper output)
{
    private static readonly StoredLog s_small = StoredLog.Of(12, 5);
    private static readonly StoredLog s_tiled = StoredLog.Of(262, 131);

    [Fact]
    public Task Of_every_byte_of_every_body() => FlipAllAsync(s_small, s_small.Rows.Count,
        (log, i) => log.Rows[i].Body, (i, first) => first.Kind == FindingKind.Changed && first.FirstSeq == i);

    [Fact]
    public Task Of_bodies_in_a_log_with_a_full_tile() => FlipAllAsync(s_tiled, s_tiled.Rows.Count,
        (log, i) => log.Rows[i].Body, (i, first) => first.Kind == FindingKind.Changed && first.FirstSeq == i, stride: 97);

    [Fact]
    public Task Of_every_byte_of_every_stored_hash() => FlipAllAsync(s_small, s_small.Rows.Count,
        (log, i) => log.Rows[i].Hash, (i, first) => first.Kind == FindingKind.HashAltered && first.FirstSeq == i);

    [Fact]
    public Task Of_stored_hashes_in_a_log_with_a_full_tile() => FlipAllAsync(s_tiled, s_tiled.Rows.Count,
        (log, i) => log.Rows[i].Hash, (i, first) => first.Kind == FindingKind.HashAltered && first.FirstSeq == i, stride: 11);

    [Fact]
    public Task Of_every_byte_of_a_tile() => FlipAllAsync(s_tiled, 1,
        (log, _) => log.Tiles[0].Hashes, (_, first, at) => first.Kind == FindingKind.TileAltered && first.FirstSeq == at / 32);

    [Fact]
    public Task Of_every_byte_of_a_tile_root() => FlipAllAsync(s_tiled, 1,
        (log, _) => log.Tiles[0].Root, (_, first) => first.Kind == FindingKind.TileAltered && first.FirstSeq == 0);

    [Fact]
    public Task Of_every_byte_of_the_head() => FlipAllAsync(s_tiled, 3, (log, i) => i switch
    {
        0 => log.Head.Root,
        1 => log.Head.Frontier,
        _ => log.Head.LastHash,
    }, (i, first) => first.Kind == FindingKind.HeadAltered
        && first.Where == (i switch { 0 => "head/root", 1 => "head/frontier", _ => "head/last_hash" }));

    [Fact]
    public async Task Of_the_head_size_and_of_the_row_numbers()
    {
        for (var bit = 0; bit < 40; bit++)
        {
            var log = s_small.Copy();
            log.Head.Size ^= 1L << bit;
            Expect((await log.AuditAsync()).First, f => f.Kind == FindingKind.HeadAltered, $"head size bit {bit}");

            log = s_small.Copy();
            log.Rows[7].Row ^= 1L << bit;
            if (log.Rows.Count(r => r.Row == log.Rows[7].Row) == 1)
            {
                Expect((await log.AuditAsync()).First, f => f.Kind == FindingKind.Reordered && f.FirstSeq == 7, $"row bit {bit}");
            }
        }
    }

    [Fact]
    public async Task Of_every_byte_of_every_checkpoint_and_of_its_size()
    {
        for (var i = 0; i < s_small.Checkpoints.Count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(s_small.Checkpoints[i].Note);
            for (var at = 0; at < bytes.Length; at++)
            {
                var log = s_small.Copy();
                log.Checkpoints[i].Note = Flipped(bytes, at);
                Expect((await log.AuditAsync()).First, f => f.Kind == FindingKind.CheckpointAltered
                    && f.Where == $"checkpoint/{log.Checkpoints[i].Size}", $"checkpoint {i} byte {at}");
            }
        }
    }

    [Fact]
    public async Task Of_every_byte_of_the_head_checkpoint()
    {
        var bytes = Encoding.UTF8.GetBytes(s_small.Head.Note);
        for (var at = 0; at < bytes.Length; at++)
        {
            var log = s_small.Copy();
            log.Head.Note = Flipped(bytes, at);
            Expect((await log.AuditAsync()).First, f => f.Kind == FindingKind.CheckpointAltered && f.Where == "head/checkpoint",
                $"byte {at}");
        }
    }

    [Fact]
    public async Task Of_every_bit_of_the_character_in_which_key_id_and_signature_meet()
    {
        for (var i = 0; i < s_small.Checkpoints.Count; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(s_small.Checkpoints[i].Note);
            var at = Array.LastIndexOf(bytes, (byte)' ') + 1 + (32 / 6); // Bit 32 of the base64 text is the signature's first.
            for (var bit = 0; bit < 8; bit++)
            {
                var log = s_small.Copy();
                var bent = (byte[])bytes.Clone();
                bent[at] ^= (byte)(1 << bit);
                log.Checkpoints[i].Note = Encoding.UTF8.GetString(bent);
                Expect((await log.AuditAsync()).First, f => f.Kind == FindingKind.CheckpointAltered, $"checkpoint {i} bit {bit}");
            }
        }
    }

    // Latin-1 in and out would hide what a store does with bytes that are no UTF-8: it hands out U+FFFD.
    private static string Flipped(byte[] note, int at)
    {
        var copy = (byte[])note.Clone();
        copy[at] ^= (byte)(1 << (at % 8));
        return Encoding.UTF8.GetString(copy);
    }

    private Task FlipAllAsync(
        StoredLog sound, int values, Func<StoredLog, int, byte[]> value, Func<int, Finding, bool> isRight, int stride = 1) =>
        FlipAllAsync(sound, values, value, (i, first, _) => isRight(i, first), stride);

    private async Task FlipAllAsync(StoredLog sound, int values, Func<StoredLog, int, byte[]> value,
        Func<int, Finding, int, bool> isRight, int stride = 1)
    {
        var wrong = new ConcurrentQueue<string>();
        var flips = 0;
        await Parallel.ForAsync(0, values, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (i, _) =>
        {
            var log = sound.Copy();
            var bytes = value(log, i);
            for (var at = i % stride; at < bytes.Length; at += stride)
            {
                var bit = (byte)(1 << ((at + i) % 8));
                bytes[at] ^= bit;
                var report = await log.AuditAsync();
                bytes[at] ^= bit;
                Interlocked.Increment(ref flips);
                if (report.First is not { } first || !isRight(i, first, at) || report.Findings.Count > 2)
                {
                    wrong.Enqueue(string.Create(CultureInfo.InvariantCulture,
                        $"value {i} byte {at} bit {bit}:\n{AdversaryTableTests.Describe(report)}"));
                }
            }
        });
        output.WriteLine($"{flips} flips");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {flips}:\n" + string.Join('\n', wrong.Take(5)));
    }

    private static void Expect(Finding? first, Func<Finding, bool> isRight, string what) =>
        Assert.True(first is not null && isRight(first), $"{what}: {first}");
}
