namespace Probity.Server.AuditTrail.Import.Reading;

/// <summary>The events of one file, where a file that cannot be read ends with a fault instead of an exception.</summary>
/// <remarks>Only reading is guarded, so that an exception of whoever takes the events is never taken for the file's.</remarks>
internal sealed class GuardedEvents(string path, IEventFormat format, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private SourceStream? source;
    private IAsyncEnumerator<SourceEvent>? events;

    /// <summary>Gets why the file ended early; null when it did not.</summary>
    public Exception? Fault { get; private set; }

    public long FileBytesRead => source?.FileBytesRead ?? 0;

    /// <summary>Gets the next event; null at the end or at a fault.</summary>
    public async ValueTask<SourceEvent?> NextAsync()
    {
        try
        {
            source ??= SourceFile.Open(path);
            events ??= format.ReadAsync(source.Content, cancellationToken).GetAsyncEnumerator(cancellationToken);
            return await events.MoveNextAsync() ? events.Current : null;
        }
        catch (Exception wrong) when (ImportPlan.IsUnreadable(wrong))
        {
            Fault = wrong;
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (events is not null)
        {
            await events.DisposeAsync();
        }

        if (source is not null)
        {
            await source.DisposeAsync();
        }
    }
}
