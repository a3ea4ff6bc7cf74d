using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>Whom to believe about the leaf hashes where the stored values disagree.</summary>
[Flags]
internal enum Hypothesis
{
    None = 0,

    /// <summary>The majority of the body, the stored hash, the tile and the next entry's link.</summary>
    Majority = 1,

    /// <summary>The hash tiles.</summary>
    Tiles = 2,

    /// <summary>The link in the next entry.</summary>
    Chain = 4,

    /// <summary>The bodies.</summary>
    Bodies = 8,

    All = Majority | Tiles | Chain | Bodies,
}

/// <summary>The leaf hash of one place under each hypothesis.</summary>
internal readonly record struct LeafHypotheses(Digest Majority, Digest Tiles, Digest Chain, Digest Bodies)
{
    public Digest Under(Hypothesis hypothesis) => hypothesis switch
    {
        Hypothesis.Tiles => Tiles,
        Hypothesis.Chain => Chain,
        Hypothesis.Bodies => Bodies,
        _ => Majority,
    };
}

/// <summary>
/// The tree under each hypothesis: one tree as long as all agree, four from the first disagreement on. A signed
/// checkpoint then shows which one is true.
/// </summary>
internal sealed class TreeHypotheses
{
    private static readonly Hypothesis[] s_all =
        [Hypothesis.Majority, Hypothesis.Tiles, Hypothesis.Chain, Hypothesis.Bodies];

    private TreeAppender[] _trees = [new()];

    public long Size => _trees[0].Size;

    public bool IsForked => _trees.Length > 1;

    public TreeAppender Tree(Hypothesis hypothesis) => IsForked ? _trees[Array.IndexOf(s_all, hypothesis)] : _trees[0];

    public void Append(in Digest leaf)
    {
        foreach (var tree in _trees)
        {
            tree.Append(leaf);
        }
    }

    public void Append(in LeafHypotheses leaf)
    {
        if (!IsForked)
        {
            _trees = [_trees[0], _trees[0].Clone(), _trees[0].Clone(), _trees[0].Clone()];
        }

        for (var i = 0; i < _trees.Length; i++)
        {
            _trees[i].Append(leaf.Under(s_all[i]));
        }
    }

    /// <summary>The hypotheses under which something holds of the tree.</summary>
    public Hypothesis Where(Func<TreeAppender, bool> holds)
    {
        if (!IsForked)
        {
            return holds(_trees[0]) ? Hypothesis.All : Hypothesis.None;
        }

        var under = Hypothesis.None;
        for (var i = 0; i < _trees.Length; i++)
        {
            under |= holds(_trees[i]) ? s_all[i] : Hypothesis.None;
        }

        return under;
    }

    /// <summary>The tiles that became full since the last call, each with its form under each hypothesis.</summary>
    public IReadOnlyList<TileHypotheses> TakeCompleted()
    {
        var first = _trees[0].TakeCompleted();
        if (!IsForked)
        {
            return first.Count == 0 ? [] : [.. first.Select(t => new TileHypotheses(t.Level, t.Index, [t]))];
        }

        var others = _trees.Skip(1).Select(t => t.TakeCompleted()).ToArray();
        return [.. first.Select((t, i) => new TileHypotheses(t.Level, t.Index, [t, .. others.Select(o => o[i])]))];
    }

    /// <summary>A full tile as it should be stored, under each hypothesis.</summary>
    internal readonly record struct TileHypotheses(int Level, long Index, CompletedTile[] Forms)
    {
        public Hypothesis Where(Func<CompletedTile, bool> holds)
        {
            if (Forms.Length == 1)
            {
                return holds(Forms[0]) ? Hypothesis.All : Hypothesis.None;
            }

            var under = Hypothesis.None;
            for (var i = 0; i < Forms.Length; i++)
            {
                under |= holds(Forms[i]) ? s_all[i] : Hypothesis.None;
            }

            return under;
        }
    }
}
