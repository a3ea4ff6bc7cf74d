using Probity.Ledger.Merkle;

namespace Probity.Server.Storage.Followers;

/// <summary>An entry as stored.</summary>
/// <param name="Seq">Its number, from 0.</param>
/// <param name="Hash">Its stored leaf hash.</param>
/// <param name="Body">Its exact bytes.</param>
internal readonly record struct StoredEntry(long Seq, Digest Hash, ReadOnlyMemory<byte> Body);
