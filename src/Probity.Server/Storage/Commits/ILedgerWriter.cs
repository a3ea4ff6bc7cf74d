namespace Probity.Server.Storage.Commits;

/// <summary>The one way into the ledger, as a unit of work sees it. The audit trail implements it.</summary>
internal interface ILedgerWriter
{
    /// <summary>
    /// Appends all entries of the request in one transaction, together with <see cref="AppendRequest.Alongside"/>.
    /// Durable when the task completes; an exception means that nothing was written, unless it says otherwise. Once
    /// the commit has begun it is finished regardless of <paramref name="cancellationToken"/>.
    /// </summary>
    Task<AppendReceipt> AppendAsync(AppendRequest request, CancellationToken cancellationToken);
}
