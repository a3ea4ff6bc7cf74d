namespace Probity.Server.AuditTrail.Import;

/// <summary>Where an import's events go.</summary>
internal interface IImportSink
{
    /// <summary>Takes in a batch of mapped events (none of them refused), durably when the task completes.</summary>
    /// <returns>One outcome per event, in the order of the batch.</returns>
    /// <exception cref="ImportSinkException">The batch, or part of it, may not have been taken in.</exception>
    Task<IReadOnlyList<ImportOutcome>> SendAsync(
        IReadOnlyList<SourceEvent> batch, CancellationToken cancellationToken);
}

/// <summary>What became of one event.</summary>
internal enum ImportStatus
{
    Accepted,
    Duplicate,
    Refused,
}

/// <summary>What became of one event at the sink; a refusal has a code and says what to do.</summary>
internal sealed record ImportOutcome(ImportStatus Status, string? Id, SourceRefusal? Refusal)
{
    public static ImportOutcome Accepted(string? id) => new(ImportStatus.Accepted, id, null);

    public static ImportOutcome Duplicate(string? id) => new(ImportStatus.Duplicate, id, null);

    public static ImportOutcome Refused(string code, string detail)
        => new(ImportStatus.Refused, null, new SourceRefusal(code, detail));
}

/// <summary>The sink cannot go on: it is away, overloaded for too long, or does not let us in.</summary>
internal sealed class ImportSinkException(string code, string detail, Exception? cause = null)
    : Exception(detail, cause)
{
    public string Code { get; } = code;
}
