using System.Data.Common;

namespace Probity.Server.Storage.Commits;

/// <summary>Entries that commit together or not at all.</summary>
/// <param name="Entries">At least one, in the order they get their numbers.</param>
internal sealed record AppendRequest(IReadOnlyList<EntryDraft> Entries)
{
    /// <summary>
    /// What else the transaction writes; null for nothing. It runs inside the transaction before the head row is
    /// locked, uses the connection and transaction it is given and nothing else, and may run again in a new
    /// transaction when another node moved the head first. If it throws, nothing of this request is written.
    /// </summary>
    public Func<DbConnection, DbTransaction, CancellationToken, Task>? Alongside { get; init; }
}
