using System.Text.Json;
using Probity.Hammer.Checking;
using Probity.Hammer.Load;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Tiles;

namespace Probity.Hammer.Crash;

/// <summary>
/// Reads every entry from the outside and derives everything again: numbers, links, root, and that each acknowledged
/// event is there exactly once in its place.
/// </summary>
internal sealed class WholeLogCheck(LogClient log, CheckTally tally)
{
    private readonly Dictionary<string, (long Seq, Digest Hash)> _found = new(StringComparer.Ordinal);
    private readonly Frontier _frontier = new();
    private Digest _previous;

    /// <summary>Entries read.</summary>
    public long Entries => _frontier.Size;

    /// <summary>Acknowledged events that are not in the log.</summary>
    public long Lost { get; private set; }

    /// <summary>Events that are in the log more than once.</summary>
    public long Duplicated { get; private set; }

    public async Task RunAsync(IReadOnlyList<Acknowledged> all, CancellationToken cancellationToken)
    {
        var checkpoint = await log.CheckpointAsync(cancellationToken);
        foreach (var bundle in TileLayout.EntryBundles(checkpoint.Size))
        {
            foreach (var entry in await log.BundleAsync(bundle, cancellationToken))
            {
                Take(entry.Span, checkpoint.Origin);
            }
        }

        tally.Add(_frontier.Size == checkpoint.Size && _frontier.Root() == checkpoint.Root
            ? null
            : $"The entries do not lead to the root of the checkpoint of size {checkpoint.Size}.");
        foreach (var acknowledged in all)
        {
            Find(acknowledged);
        }
    }

    private void Take(ReadOnlySpan<byte> entry, string origin)
    {
        var hash = MerkleHash.Leaf(entry);
        var seq = _frontier.Size;
        try
        {
            var header = EntryReader.ReadHeader(entry);
            tally.Add(header.Seq == seq && header.Prev == _previous && header.Log == origin
                ? null
                : $"entry {seq} says seq {header.Seq} of {header.Log}, or its link is not the hash before it.");
            Note(ExternalIdOf(entry), seq, hash);
        }
        catch (FormatException malformed)
        {
            tally.Add($"entry {seq}: {malformed.Message}");
        }

        _frontier.Append(hash);
        _previous = hash;
    }

    private void Note(string? externalId, long seq, Digest hash)
    {
        if (externalId is not null && !_found.TryAdd(externalId, (seq, hash)))
        {
            Duplicated++;
            tally.Add($"duplicated: {externalId} is entry {_found[externalId].Seq} and entry {seq}.");
        }
    }

    private void Find(Acknowledged acknowledged)
    {
        var receipt = acknowledged.Receipt;
        if (!_found.TryGetValue(acknowledged.ExternalId, out var found))
        {
            Lost++;
            tally.Add($"lost: {acknowledged.ExternalId}, acknowledged as entry {receipt.Seq}.");
            return;
        }

        tally.Add(found.Seq == receipt.Seq && found.Hash == receipt.Hash
            ? null
            : $"changed: {acknowledged.ExternalId} was acknowledged as entry {receipt.Seq} and is {found.Seq}, or its hash differs.");
    }

    private static string? ExternalIdOf(ReadOnlySpan<byte> entry)
    {
        var reader = new Utf8JsonReader(entry);
        string? externalId = null, source = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isExternalId = reader.ValueTextEquals("external_id"u8);
            var isSource = reader.ValueTextEquals("source"u8);
            reader.Read();
            externalId = isExternalId ? reader.GetString() : externalId;
            source = isSource ? reader.GetString() : source;
            reader.Skip();
        }

        return source == EventTemplate.Source ? externalId : null;
    }
}
