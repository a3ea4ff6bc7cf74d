using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Notes;

/// <summary>A log of 15 entries written by another implementation, transparency-dev/tessera.</summary>
public sealed class PublishedLogTests
{
    private const string Folder = "vectors/tlog/tessera-15/";
    private const int Size = 15;

    [Fact]
    public void All_16_checkpoints_verify_and_carry_the_roots_of_the_entries()
    {
        var key = VerifierKey.Parse(Text("VKEY.txt").TrimEnd('\n'));
        var frontier = new Frontier();
        var leaves = Entries(Size).Select(e => MerkleHash.Leaf(e.Span)).ToArray();

        for (var size = 0; size <= Size; size++)
        {
            var note = SignedNote.Parse(TestData.Bytes($"{Folder}checkpoint.{size}"));
            Assert.True(Assert.IsType<NoteVerdict.Verified>(NoteVerification.Verify(note, [key])).IsSignedBy(key));
            Assert.Equal(Text($"checkpoint.{size}"), note.ToString());
            Assert.Equal(new Checkpoint("example.com/log/testdata", size, frontier.Root()),
                Checkpoint.Parse(note.Text));
            if (size < Size)
            {
                frontier.Append(leaves[size]);
            }
        }

        Assert.Equal(Text("checkpoint"), Text($"checkpoint.{Size}"));
    }

    [Fact]
    public void Tiles_and_bundles_are_derived_again_byte_for_byte()
    {
        var entries = Entries(Size);
        var appender = new TreeAppender();

        for (var width = 1; width <= Size; width++)
        {
            appender.Append(MerkleHash.Leaf(entries[width - 1].Span));
            Assert.Equal(TestData.Bytes(Folder + new TilePath(0, 0, width)), appender.PartialTile(0).ToArray());
            Assert.Equal(TestData.Bytes(Folder + new TilePath(TilePath.Entries, 0, width)),
                EntryBundle.Write([.. entries.Take(width)]));
        }
    }

    [Fact]
    public async Task Every_inclusion_and_consistency_pair_proves_and_bent_ones_fail()
    {
        TestData.SkipUnlessPresent(Folder + "tile");
        var roots = Enumerable.Range(0, Size + 1)
            .Select(s => SignedNote.Parse(TestData.Bytes($"{Folder}checkpoint.{s}")))
            .Select(n => Checkpoint.Parse(n.Text).Root).ToArray();
        var leaves = Entries(Size).Select(e => MerkleHash.Leaf(e.Span)).ToArray();
        var reader = new TreeReader(new FileTiles(), Size);

        for (var size = 1; size <= Size; size++)
        {
            for (var other = 0; other < size; other++)
            {
                AssertProves(await reader.InclusionAsync(other, size),
                    proof => InclusionProof.Verify(other, size, leaves[other], proof, roots[size]));
                AssertProves(await reader.ConsistencyAsync(other + 1, size),
                    proof => ConsistencyProof.Verify(other + 1, size, roots[other + 1], roots[size], proof));
            }
        }
    }

    private static void AssertProves(IReadOnlyList<Digest> proof, Predicate<IReadOnlyList<Digest>> holds)
    {
        Assert.True(holds(proof));
        Assert.False(holds([.. proof, MerkleHash.Empty]));
        for (var i = 0; i < proof.Count; i++)
        {
            Assert.False(holds([.. proof.Take(i), MerkleHash.Empty, .. proof.Skip(i + 1)]));
            Assert.False(holds([.. proof.Take(i), .. proof.Skip(i + 1)]));
        }
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Entries(int width) =>
        EntryBundle.Read(TestData.Bytes(Folder + new TilePath(TilePath.Entries, 0, width)), width);

    private static string Text(string name) => System.Text.Encoding.UTF8.GetString(TestData.Bytes(Folder + name));

    private sealed class FileTiles : ITileReader
    {
        public ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
            int level, long index, int width, CancellationToken cancellationToken) =>
            ValueTask.FromResult<ReadOnlyMemory<byte>>(
                TestData.Bytes(Folder + new TilePath(level, index, width)));
    }
}
