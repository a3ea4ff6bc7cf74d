namespace Probity.Server.AuditTrail.Import;

/// <summary>How far an import is.</summary>
/// <param name="FilesDone">Files read to their end.</param>
/// <param name="Files">Files to read.</param>
/// <param name="Events">Events with an outcome so far.</param>
/// <param name="BytesRead">Bytes of the files read so far.</param>
/// <param name="Bytes">Bytes of the files to read.</param>
/// <param name="Elapsed">Time since the start.</param>
internal readonly record struct ImportProgress(
    int FilesDone, int Files, long Events, long BytesRead, long Bytes, TimeSpan Elapsed)
{
    /// <summary>Gets events per second since the start.</summary>
    public double EventsPerSecond => Elapsed > TimeSpan.Zero ? Events / Elapsed.TotalSeconds : 0;

    /// <summary>Gets the time left at the rate so far; null while there is no rate to go by.</summary>
    public TimeSpan? Remaining => BytesRead > 0 && Elapsed > TimeSpan.Zero
        ? Elapsed * ((double)Math.Max(0, Bytes - BytesRead) / BytesRead)
        : null;
}

/// <summary>One refused event of a file.</summary>
internal sealed record RefusedEvent(long Line, long ByteOffset, SourceRefusal Refusal);

/// <summary>What became of one file's events.</summary>
internal sealed class FileSummary(string path, string? format)
{
    /// <summary>How many refused events are listed; all are counted.</summary>
    public const int MaxListed = 10;

    private readonly List<RefusedEvent> refusedEvents = [];

    public string Path => path;

    /// <summary>Gets the format's name; null for a skipped file.</summary>
    public string? Format => format;

    public string? SkipReason { get; init; }

    /// <summary>Gets whether the file was skipped because it is damaged, not because it is something else.</summary>
    public bool IsUnreadable { get; init; }

    public long Accepted { get; private set; }

    public long Duplicate { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Gets the first refused events.</summary>
    public IReadOnlyList<RefusedEvent> RefusedEvents => refusedEvents;

    public long Events => Accepted + Duplicate + Refused;

    internal void Count(SourceEvent source, ImportOutcome outcome)
    {
        switch (outcome.Status)
        {
            case ImportStatus.Accepted:
                Accepted++;
                break;
            case ImportStatus.Duplicate:
                Duplicate++;
                break;
            default:
                CountRefused(new RefusedEvent(
                    source.Line,
                    source.ByteOffset,
                    outcome.Refusal ?? new SourceRefusal("import.refused", "The log refused the event.")));
                break;
        }
    }

    internal void CountRefused(RefusedEvent refused)
    {
        Refused++;

        // Ours come while reading and the log's a batch later, so the list is kept in file order.
        refusedEvents.Add(refused);
        refusedEvents.Sort((one, other) => one.ByteOffset.CompareTo(other.ByteOffset));
        if (refusedEvents.Count > MaxListed)
        {
            refusedEvents.RemoveAt(MaxListed);
        }
    }
}

/// <summary>What became of an import.</summary>
/// <param name="Files">Every file of the plan that was begun or skipped.</param>
/// <param name="Interrupted">Whether it was cancelled before all was sent.</param>
/// <param name="Failure">What stopped it; null when nothing did.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record ImportSummary(
    IReadOnlyList<FileSummary> Files, bool Interrupted, ImportSinkException? Failure, TimeSpan Elapsed)
{
    public long Accepted => Files.Sum(file => file.Accepted);

    public long Duplicate => Files.Sum(file => file.Duplicate);

    public long Refused => Files.Sum(file => file.Refused);

    public int Unreadable => Files.Count(file => file.IsUnreadable);

    public int Skipped => Files.Count(file => file.SkipReason is not null);
}
