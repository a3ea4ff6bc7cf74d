using System.Text.Json;
using Probity.Ledger.Merkle;
using Xunit;

namespace Probity.Tests.Merkle;

/// <summary>The probes and the reference tree of transparency-dev/merkle.</summary>
public sealed class PublishedProofTests
{
    [Fact]
    public void Inclusion_probes_are_accepted_and_refused_as_published()
    {
        var probes = Probes("vectors/rfc6962/inclusion.jsonl");

        var wrong = probes.Where(p => InclusionHolds(p) == p.GetProperty("wantErr").GetBoolean());

        Assert.Equal(49, probes.Count);
        Assert.Equal(46, probes.Count(p => p.GetProperty("wantErr").GetBoolean()));
        Assert.Empty(wrong.Select(p => p.GetProperty("_file").GetString()));
    }

    [Fact]
    public void Consistency_probes_are_accepted_and_refused_as_published()
    {
        var probes = Probes("vectors/rfc6962/consistency.jsonl");

        var wrong = probes.Where(p => ConsistencyHolds(p) == p.GetProperty("wantErr").GetBoolean());

        Assert.Equal(49, probes.Count);
        Assert.Equal(45, probes.Count(p => p.GetProperty("wantErr").GetBoolean()));
        Assert.Empty(wrong.Select(p => p.GetProperty("_file").GetString()));
    }

    [Fact]
    public void Hashes_and_roots_are_those_of_the_reference_tree()
    {
        using var document = JsonDocument.Parse(TestData.Bytes("vectors/rfc6962/reference-tree.json"));
        var tree = document.RootElement;
        var frontier = new Frontier();

        var leaves = tree.GetProperty("leavesHex").EnumerateArray()
            .Select(l => MerkleHash.Leaf(Convert.FromHexString(l.GetString()!))).ToArray();

        Assert.Equal(tree.GetProperty("emptyRoot").GetString(), MerkleHash.Empty.ToString());
        Assert.Equal(tree.GetProperty("emptyLeafHash").GetString(), MerkleHash.Leaf([]).ToString());
        Assert.Equal(tree.GetProperty("leaf_L123456").GetString(), MerkleHash.Leaf("L123456"u8).ToString());
        foreach (var root in tree.GetProperty("rootsBySize1to8Hex").EnumerateArray())
        {
            frontier.Append(leaves[(int)frontier.Size]);
            Assert.Equal(root.GetString(), frontier.Root().ToString());
            Assert.Equal(root.GetString(), NaiveTree.Root(leaves.AsSpan(0, (int)frontier.Size)).ToString());
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1, ulong.MaxValue)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void Extreme_indexes_are_refused_without_overflow(ulong index, ulong size)
    {
        Assert.False(InclusionProof.Verify(index, size, default, [], default));
        Assert.False(ConsistencyProof.Verify(index, size == index ? size - 1 : size, default, default, []));
    }

    [Fact]
    public void A_longer_proof_is_refused_even_when_it_leads_to_the_root()
    {
        var leaves = NaiveTree.Leaves(7);
        var more = MerkleHash.Leaf("more"u8);
        var above = MerkleHash.Node(more, NaiveTree.Root(leaves));

        Assert.False(InclusionProof.Verify(2, 7, leaves[2], [.. NaiveTree.Path(2, leaves), more], above));
        Assert.False(ConsistencyProof.Verify(3, 7, MerkleHash.Node(more, NaiveTree.Root(leaves.AsSpan(0, 3))), above,
            [.. NaiveTree.Proof(3, leaves), more]));
    }

    [Fact]
    public void Negative_sizes_are_refused()
    {
        Assert.False(InclusionProof.Verify(-1, 1, default, [], default));
        Assert.False(InclusionProof.Verify(0, -1, default, [], default));
        Assert.False(ConsistencyProof.Verify(-1, 1, default, default, []));
        Assert.False(ConsistencyProof.Verify(1, -1, default, default, []));
    }

    private static List<JsonElement> Probes(string file)
    {
        TestData.SkipUnlessPresent(file);
        return [.. File.ReadLines(TestData.Path(file)).Select(l => JsonElement.Parse(l))];
    }

    private static bool InclusionHolds(JsonElement probe) =>
        TryHash(probe.GetProperty("leafHash"), out var leaf) && TryHash(probe.GetProperty("root"), out var root)
        && TryHashes(probe.GetProperty("proof"), out var proof)
        && InclusionProof.Verify(
            probe.GetProperty("leafIdx").GetUInt64(), probe.GetProperty("treeSize").GetUInt64(), leaf, proof, root);

    private static bool ConsistencyHolds(JsonElement probe) =>
        TryHash(probe.GetProperty("root1"), out var root1) && TryHash(probe.GetProperty("root2"), out var root2)
        && TryHashes(probe.GetProperty("proof"), out var proof)
        && ConsistencyProof.Verify(
            probe.GetProperty("size1").GetUInt64(), probe.GetProperty("size2").GetUInt64(), root1, root2, proof);

    // A hash of another length than 32 bytes has no place in our types: it is refused where it is read.
    private static bool TryHash(JsonElement base64, out Digest digest)
    {
        var bytes = base64.GetBytesFromBase64();
        digest = bytes.Length == Digest.Length ? Digest.From(bytes) : default;
        return bytes.Length == Digest.Length;
    }

    private static bool TryHashes(JsonElement proof, out List<Digest> hashes)
    {
        hashes = [];
        if (proof.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        foreach (var item in proof.EnumerateArray())
        {
            if (!TryHash(item, out var hash))
            {
                return false;
            }

            hashes.Add(hash);
        }

        return true;
    }
}
