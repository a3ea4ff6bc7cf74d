using Probity.Ledger.Merkle;

namespace Probity.Ledger.Verification;

/// <summary>What an audit found. A cascade is one finding: a deleted entry does not accuse all that follow it.</summary>
/// <param name="Findings">In the order of the entries they begin at; at most <see cref="AuditOptions.MaxFindings"/>.</param>
/// <param name="IsBounded">Whether there was more to find than is listed.</param>
/// <param name="LastGood">The largest trusted checkpoint before the first finding that the entries agree with.</param>
/// <param name="Counts">What was read.</param>
/// <param name="Duration">How long it took.</param>
public sealed record AuditReport(
    IReadOnlyList<Finding> Findings, bool IsBounded, GoodCheckpoint? LastGood, AuditCounts Counts, TimeSpan Duration)
{
    /// <summary>Entries that are gone in order: a later purge entry with two approvers names them. Not a
    /// finding.</summary>
    public IReadOnlyList<PurgedRange> Purged { get; init; } = [];

    /// <summary>
    /// Where the log goes on under a new origin after an old copy was put back, with what is lost. Not a finding.
    /// </summary>
    public IReadOnlyList<LogContinuation> Continuations { get; init; } = [];

    /// <summary>The keys with which people consent to a loss from here on, one a person. Not a finding.</summary>
    public IReadOnlyList<RecoveryKey> RecoveryKeys { get; init; } = [];

    /// <summary>Whether nothing was found.</summary>
    public bool IsSound => Findings.Count == 0;

    /// <summary>The finding that begins at the lowest entry, null when sound.</summary>
    public Finding? First => IsSound ? null : Findings[0];
}

/// <summary>One thing that is not as it should be.</summary>
/// <param name="Kind">What has been done.</param>
/// <param name="FirstSeq">The first bad entry; null when no entry is concerned.</param>
/// <param name="LastSeq">The last bad entry; equals <paramref name="FirstSeq"/> for one.</param>
/// <param name="Where">The stored value, for example <c>entry/17</c>, <c>tile/0/003</c>, <c>head/root</c>.</param>
/// <param name="Detail">What it means, in plain words.</param>
/// <param name="Expected">The hash the witnesses agree on, in lower-case hex; null when it is not known or not a hash.</param>
/// <param name="Actual">The hash found instead; null likewise.</param>
/// <param name="LastGood">The largest trusted checkpoint at or before the first bad entry that the entries agree with.</param>
/// <param name="Affected">Which entries, checkpoints and proofs can no longer be relied on, in plain words.</param>
public sealed record Finding(
    FindingKind Kind, long? FirstSeq, long? LastSeq, string Where, string Detail,
    string? Expected, string? Actual, GoodCheckpoint? LastGood, string Affected);

/// <summary>A signed checkpoint that the entries were found to agree with.</summary>
public sealed record GoodCheckpoint(long Size, Digest Root);

/// <summary>What an audit has read.</summary>
/// <param name="Entries">Entry rows.</param>
/// <param name="EntryBytes">Bytes of entries.</param>
/// <param name="Tiles">Hash tiles.</param>
/// <param name="Checkpoints">Checkpoints, those kept outside included.</param>
/// <param name="Blobs">Blobs named by entries and read.</param>
/// <param name="UnsignedEntries">Entries at the end that no trusted checkpoint covers yet.</param>
public sealed record AuditCounts(
    long Entries, long EntryBytes, long Tiles, long Checkpoints, long Blobs, long UnsignedEntries);

/// <summary>How an audit is done.</summary>
/// <param name="TrustedKeys">
/// The keys that are believed. A log's key bears the log's origin as its name; keys of other names are believed for
/// entries and checkpoints that the log has from a former origin.
/// </param>
/// <param name="OutsideCheckpoints">
/// Signed notes of this log that were kept elsewhere. Only they show that a log was rolled back or rewritten by one who
/// holds its key.
/// </param>
public sealed record AuditOptions(
    IReadOnlyList<Notes.VerifierKey> TrustedKeys, IReadOnlyList<string>? OutsideCheckpoints = null)
{
    /// <summary>Findings after which no more are listed: 100.</summary>
    public const int MaxFindings = 100;

    /// <summary>Reads the blobs that entries name; without it they are not looked at.</summary>
    public IBlobReader? Blobs { get; init; }

    /// <summary>
    /// Batches hashed at the same time; by default one per processor. With 1 the log is asked for a batch only when
    /// the one before has been checked, so a log that pauses between batches decides how much of a processor all of it
    /// takes.
    /// </summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Told how many entries have been read, now and then.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Measures the duration; the system's clock by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
