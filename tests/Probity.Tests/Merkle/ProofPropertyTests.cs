using CsCheck;
using Probity.Ledger.Merkle;
using Xunit;

namespace Probity.Tests.Merkle;

public sealed class ProofPropertyTests
{
    private const int MaxSize = 700;

    private static readonly Digest[] s_leaves = NaiveTree.Leaves(MaxSize);
    private static readonly MemoryTiles s_tiles = new(s_leaves);

    private static readonly Gen<(int Index, int Size)> s_entry =
        Gen.Int[1, MaxSize].SelectMany(size => Gen.Int[0, size - 1].Select(index => (index, size)));

    private static readonly Gen<(int Size1, int Size2)> s_pair =
        Gen.Int[1, MaxSize].SelectMany(size2 => Gen.Int[1, size2].Select(size1 => (size1, size2)));

    [Fact]
    public async Task Every_inclusion_proof_is_the_one_of_the_standard_and_verifies() =>
        await s_entry.SampleAsync(async e =>
        {
            var proof = await Reader().InclusionAsync(e.Index, e.Size);

            Assert.Equal(NaiveTree.Path(e.Index, s_leaves.AsSpan(0, e.Size)), proof);
            Assert.Equal(InclusionProof.Length(e.Index, e.Size), proof.Count);
            Assert.True(Includes(e, proof));
        }, iter: 300);

    [Fact]
    public async Task Every_consistency_proof_is_the_one_of_the_standard_and_verifies() =>
        await s_pair.SampleAsync(async s =>
        {
            var proof = await Reader().ConsistencyAsync(s.Size1, s.Size2);

            Assert.Equal(NaiveTree.Proof(s.Size1, s_leaves.AsSpan(0, s.Size2)), proof);
            Assert.Equal(ConsistencyProof.Length(s.Size1, s.Size2), proof.Count);
            Assert.True(Extends(s, proof));
        }, iter: 300);

    [Fact]
    public async Task An_inclusion_proof_bent_in_any_place_fails() =>
        await s_entry.SampleAsync(async e =>
        {
            var proof = await Reader().InclusionAsync(e.Index, e.Size);

            Assert.All(Bent(proof), bent => Assert.False(Includes(e, bent)));
            Assert.False(InclusionProof.Verify(e.Index + 1, e.Size, s_leaves[e.Index], proof, Root(e.Size)));
            Assert.False(InclusionProof.Verify(e.Index - 1, e.Size, s_leaves[e.Index], proof, Root(e.Size)));
            Assert.False(InclusionProof.Verify(e.Index, e.Size, default, proof, Root(e.Size)));
            Assert.False(InclusionProof.Verify(e.Index, e.Size, s_leaves[e.Index], proof, default));
        }, iter: 150);

    [Fact]
    public async Task A_consistency_proof_bent_in_any_place_fails() =>
        await s_pair.SampleAsync(async s =>
        {
            var proof = await Reader().ConsistencyAsync(s.Size1, s.Size2);

            Assert.All(Bent(proof), bent => Assert.False(Extends(s, bent)));
            Assert.False(ConsistencyProof.Verify(s.Size1, s.Size2, default, Root(s.Size2), proof));
            Assert.False(ConsistencyProof.Verify(s.Size1, s.Size2, Root(s.Size1), default, proof));
        }, iter: 150);

    [Fact]
    public void Root_and_frontier_are_those_of_the_naive_tree() =>
        Gen.Int[0, MaxSize].Sample(size =>
        {
            var frontier = new Frontier();
            foreach (var leaf in s_leaves.AsSpan(0, size))
            {
                frontier.Append(leaf);
            }

            Assert.Equal(NaiveTree.Root(s_leaves.AsSpan(0, size)), frontier.Root());
            Assert.Equal(frontier.Root(), Frontier.Decode(size, frontier.Encode()).Root());
        }, iter: 100);

    [Fact]
    public async Task Root_and_frontier_read_from_tiles_are_those_of_the_naive_tree() =>
        await Gen.Int[0, MaxSize].SampleAsync(async size =>
        {
            var root = await Reader().RootAsync(size);
            var frontier = await Reader().FrontierAsync(size);

            Assert.Equal(Root(size), root);
            Assert.Equal(root, frontier.Root());
            Assert.Equal(size, frontier.Size);
        }, iter: 100);

    // Reads are recorded in a list that is not thread safe; every reader here has its own view of the tiles.
    private static TreeReader Reader() => new(new SilentTiles(), MaxSize);

    private static Digest Root(int size) => NaiveTree.Root(s_leaves.AsSpan(0, size));

    private static bool Includes((int Index, int Size) e, IReadOnlyList<Digest> proof) =>
        InclusionProof.Verify(e.Index, e.Size, s_leaves[e.Index], proof, Root(e.Size));

    private static bool Extends((int Size1, int Size2) s, IReadOnlyList<Digest> proof) =>
        ConsistencyProof.Verify(s.Size1, s.Size2, Root(s.Size1), Root(s.Size2), proof);

    private static IEnumerable<List<Digest>> Bent(IReadOnlyList<Digest> proof)
    {
        for (var i = 0; i < proof.Count; i++)
        {
            var bytes = proof[i].ToArray();
            bytes[i % bytes.Length] ^= 1;
            yield return [.. proof.Take(i), Digest.From(bytes), .. proof.Skip(i + 1)];
            yield return [.. proof.Take(i), .. proof.Skip(i + 1)];
            yield return [.. proof.Take(i), proof[i], .. proof.Skip(i)];
        }

        yield return [.. proof, MerkleHash.Empty];
        yield return [MerkleHash.Empty, .. proof];
    }

    private sealed class SilentTiles : ITileReader
    {
        public ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
            int level, long index, int width, CancellationToken cancellationToken) =>
            ValueTask.FromResult(s_tiles.Tile(new(level, index, width)));
    }
}
