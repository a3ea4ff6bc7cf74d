using Probity.Ledger.Merkle;

namespace Probity.Server.Storage.Commits;

/// <summary>What the ledger answers for a committed request.</summary>
/// <param name="Log">The log's origin.</param>
/// <param name="FirstSeq">The number of the first entry; the others follow it without a gap.</param>
/// <param name="Hashes">The leaf hash of each entry, in order.</param>
/// <param name="Checkpoint">The signed checkpoint of the commit, as note text.</param>
internal sealed record AppendReceipt(string Log, long FirstSeq, IReadOnlyList<Digest> Hashes, string Checkpoint);
