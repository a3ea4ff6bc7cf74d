namespace Probity.Contracts.Screening;

/// <summary>What <c>GET /api/v1/screening/lists</c> answers: every list that was ever loaded.</summary>
/// <param name="Lists">The lists in the order of their names.</param>
public sealed record ListStatusList(IReadOnlyList<ListStatusView> Lists);

/// <summary>The state of one list.</summary>
public sealed record ListStatusView
{
    /// <summary>The name, for example <c>us_ofac_sdn</c>.</summary>
    public required string List { get; init; }

    /// <summary>The version that is live, or null when none was activated.</summary>
    public ListVersionView? Active { get; init; }

    /// <summary>The version loaded last, or null when none is newer than the live one.</summary>
    public ListVersionView? Waiting { get; init; }

    /// <summary>When the publisher was last asked with success, or a file loaded; null for never.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>Whether <see cref="CheckedAt"/> is longer ago than allowed.</summary>
    public required bool IsStale { get; init; }

    /// <summary>Why the last attempt failed, or null when it did not.</summary>
    public string? LastFault { get; init; }
}

/// <summary>One immutable version of a list.</summary>
public sealed record ListVersionView
{
    /// <summary><c>lsv_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The list.</summary>
    public required string List { get; init; }

    /// <summary>SHA-256 of the list's files, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The format, for example <c>ofac_csv</c>.</summary>
    public required string Format { get; init; }

    /// <summary>The day the files state, or null.</summary>
    public DateOnly? PublishedOn { get; init; }

    /// <summary>How many entries.</summary>
    public required int Entries { get; init; }

    /// <summary>How many entries are new against the version that was live when it was loaded.</summary>
    public required int Added { get; init; }

    /// <summary>How many are gone.</summary>
    public required int Removed { get; init; }

    /// <summary>How many say something else.</summary>
    public required int Changed { get; init; }

    /// <summary>Findings of the guard that somebody accepted, by code.</summary>
    public required IReadOnlyList<string> Accepted { get; init; }

    /// <summary>Parts of the set that were not there.</summary>
    public required IReadOnlyList<string> MissingParts { get; init; }

    /// <summary>When it was loaded.</summary>
    public required DateTimeOffset LoadedAt { get; init; }

    /// <summary>Whether it is the live one.</summary>
    public required bool IsActive { get; init; }
}

/// <summary>Versions of a list, newest first.</summary>
/// <param name="Versions">At most 200.</param>
public sealed record ListVersionList(IReadOnlyList<ListVersionView> Versions);

/// <summary>What <c>POST /api/v1/screening/lists:load</c> answers.</summary>
/// <param name="Lists">One outcome for each list found in the file.</param>
public sealed record ListLoadResult(IReadOnlyList<ListLoadOutcome> Lists);

/// <summary>What came of loading one list.</summary>
public sealed record ListLoadOutcome
{
    /// <summary><c>loaded</c>, <c>unchanged</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>The list, or null when the files could not be read.</summary>
    public string? List { get; init; }

    /// <summary>The files it was found in.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The version; null when refused.</summary>
    public ListVersionView? Version { get; init; }

    /// <summary>Why it is refused, each with what to do; empty otherwise.</summary>
    public required IReadOnlyList<ListFinding> Findings { get; init; }

    /// <summary>What was odd in the files, at most 200 lines.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>Why a list is refused, or what of it was accepted.</summary>
/// <param name="Code">A stable word: <c>encoding</c>, <c>missing_part</c>, <c>shrunk</c>, <c>programme_lost</c>
/// …</param>
/// <param name="Text">What is wrong, where, and what to do.</param>
/// <param name="IsAccepted">Whether it was accepted for this load.</param>
public sealed record ListFinding(string Code, string Text, bool IsAccepted);

/// <summary>The difference between two versions of a list, in what matters to screening.</summary>
public sealed record ListDiffView
{
    /// <summary>The list.</summary>
    public required string List { get; init; }

    /// <summary>The version before, or null when there was none.</summary>
    public string? From { get; init; }

    /// <summary>The version after.</summary>
    public required string To { get; init; }

    /// <summary>How many entries are new.</summary>
    public required int AddedCount { get; init; }

    /// <summary>How many are gone.</summary>
    public required int RemovedCount { get; init; }

    /// <summary>How many say something else.</summary>
    public required int ChangedCount { get; init; }

    /// <summary>The new entries by uid, at most the limit asked for.</summary>
    public required IReadOnlyList<ListedEntryName> Added { get; init; }

    /// <summary>The entries that are gone.</summary>
    public required IReadOnlyList<ListedEntryName> Removed { get; init; }

    /// <summary>The entries that say something else.</summary>
    public required IReadOnlyList<ListedEntryChange> Changed { get; init; }
}

/// <summary>An entry of a list.</summary>
/// <param name="Uid">The list's own id.</param>
/// <param name="Name">Its primary name.</param>
public sealed record ListedEntryName(string Uid, string Name);

/// <summary>An entry that changed.</summary>
/// <param name="Uid">The list's own id.</param>
/// <param name="Name">Its primary name now.</param>
/// <param name="Fields">What changed.</param>
public sealed record ListedEntryChange(string Uid, string Name, IReadOnlyList<ListedFieldChange> Fields);

/// <summary>One field of an entry that changed.</summary>
/// <param name="Field">The field, for example <c>strong_aliases</c>.</param>
/// <param name="Removed">Values that are gone.</param>
/// <param name="Added">Values that are new.</param>
public sealed record ListedFieldChange(string Field, IReadOnlyList<string> Removed, IReadOnlyList<string> Added);

/// <summary>What <c>POST …/versions/{id}:activate</c> takes.</summary>
/// <param name="Reason">Why now, at most 1,000 characters, or null.</param>
public sealed record ActivateList(string? Reason);
