namespace Probity.Server.Storage.Followers;

/// <summary>Committed entries in order. One implementation per store.</summary>
internal interface ILedgerReader
{
    /// <summary>
    /// Up to <paramref name="max"/> committed entries from <paramref name="fromSeq"/> on, without a gap; empty when
    /// there is none yet.
    /// </summary>
    Task<IReadOnlyList<StoredEntry>> ReadEntriesAsync(long fromSeq, int max, CancellationToken cancellationToken);
}
