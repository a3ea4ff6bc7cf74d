using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;
using Probity.Tests.Merkle;
using Xunit;

namespace Probity.Tests.Notes;

public sealed class CheckpointConsistencyTests
{
    private static readonly Digest[] s_leaves = NaiveTree.Leaves(7);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 7)]
    [InlineData(3, 7)]
    [InlineData(4, 7)]
    [InlineData(7, 7)]
    public void A_log_that_grew_is_consistent(int older, int newer) =>
        Assert.IsType<ConsistencyVerdict.Consistent>(
            CheckpointConsistency.Verify(At(older), At(newer), Proof(older, newer)));

    [Fact]
    public void Every_refusal_has_its_name()
    {
        AssertRefused("checkpoint.other_origin", At(3), new Checkpoint("other", 7, At(7).Root), Proof(3, 7));
        AssertRefused("checkpoint.rolled_back", At(7), At(3), Proof(3, 7));
        AssertRefused("checkpoint.rolled_back", At(1), At(0), []);
        AssertRefused("checkpoint.forked", At(3), new Checkpoint("log", 3, At(7).Root), []);
        AssertRefused("checkpoint.empty_root", new Checkpoint("log", 0, default), At(7), []);
        AssertRefused("checkpoint.empty_root", At(0), new Checkpoint("log", 0, default), []);
        AssertRefused("checkpoint.proof_length", At(0), At(7), Proof(3, 7));
        AssertRefused("checkpoint.proof_length", At(7), At(7), [default]);
        AssertRefused("checkpoint.proof_length", At(3), At(7), [.. Proof(3, 7).Skip(1)]);
        AssertRefused("checkpoint.inconsistent", At(3), At(7), [.. Proof(3, 7).Skip(1), default]);
        AssertRefused("checkpoint.inconsistent", new Checkpoint("log", 3, At(2).Root), At(7), Proof(3, 7));
        AssertRefused("checkpoint.inconsistent", At(3), new Checkpoint("log", 7, At(6).Root), Proof(3, 7));
    }

    private static Checkpoint At(int size) => new("log", size, NaiveTree.Root(s_leaves.AsSpan(0, size)));

    private static List<Digest> Proof(int older, int newer) =>
        older == 0 ? [] : NaiveTree.Proof(older, s_leaves.AsSpan(0, newer));

    private static void AssertRefused(string code, Checkpoint older, Checkpoint newer, IReadOnlyList<Digest> proof) =>
        Assert.Equal(code, Assert.IsType<ConsistencyVerdict.Refused>(
            CheckpointConsistency.Verify(older, newer, proof)).Code);
}
