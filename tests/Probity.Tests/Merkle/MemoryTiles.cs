using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;
using Xunit;

namespace Probity.Tests.Merkle;

/// <summary>The tiles of a tree of one size, built by the appender, and a record of what was read.</summary>
internal sealed class MemoryTiles : ITileReader
{
    private readonly Dictionary<(int Level, long Index), ReadOnlyMemory<byte>> _full = [];
    private readonly TreeAppender _appender = new();

    public MemoryTiles(IEnumerable<Digest> leaves)
    {
        foreach (var leaf in leaves)
        {
            _appender.Append(leaf);
            foreach (var tile in _appender.TakeCompleted())
            {
                _full.Add((tile.Level, tile.Index), tile.Hashes);
            }
        }
    }

    public long Size => _appender.Size;

    public List<TilePath> Reads { get; } = [];

    public Digest Root => _appender.Root();

    public ReadOnlyMemory<byte> Tile(TilePath path) =>
        path.IsPartial ? _appender.PartialTile(path.Level) : _full[(path.Level, path.Index)];

    public ValueTask<ReadOnlyMemory<byte>> ReadTileAsync(
        int level, long index, int width, CancellationToken cancellationToken)
    {
        var path = new TilePath(level, index, width);
        Assert.Equal(TileLayout.Width(level, index, Size), width);
        Reads.Add(path);
        return ValueTask.FromResult(Tile(path));
    }
}
