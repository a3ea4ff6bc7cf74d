using System.Text.Json.Nodes;

namespace Probity.Server.Monitoring.Import;

/// <summary>Where an import sends its lines: a server, or the data folder itself.</summary>
internal interface ITransactionSink : IAsyncDisposable
{
    /// <summary>Judges and keeps lines in their order.</summary>
    /// <param name="lines">JSON documents, as of <c>POST /transactions:ingest</c>.</param>
    /// <param name="cancellationToken">Ends the wait; what was committed stays.</param>
    /// <returns>One answer a line, in their order.</returns>
    Task<IReadOnlyList<JsonObject>> SendAsync(IReadOnlyList<string> lines, CancellationToken cancellationToken);
}
