namespace Probity.Ledger.Verification;

/// <summary>What has been done to a log, as far as the stored values tell.</summary>
public enum FindingKind
{
    /// <summary>Entries are not those that were sequenced, or were rewritten together with what follows them.</summary>
    Changed,

    /// <summary>Entries are missing from the middle of the log.</summary>
    Deleted,

    /// <summary>Rows are there that were never sequenced.</summary>
    Inserted,

    /// <summary>Genuine entries stand in other places than their own.</summary>
    Reordered,

    /// <summary>The newest entries are missing while the head or a checkpoint still counts them.</summary>
    Truncated,

    /// <summary>Two histories have been signed for one log.</summary>
    Forked,

    /// <summary>The log, or its head, is an older state of itself: an old copy has been put back.</summary>
    RolledBack,

    /// <summary>A checkpoint is not signed by a key that is trusted for the log.</summary>
    WrongKey,

    /// <summary>The hash stored beside an entry is not that of the entry, which itself is genuine.</summary>
    HashAltered,

    /// <summary>A hash tile is not that of the entries, which themselves are genuine.</summary>
    TileAltered,

    /// <summary>The head is not that of the entries, which themselves are genuine.</summary>
    HeadAltered,

    /// <summary>A checkpoint is not as it was signed.</summary>
    CheckpointAltered,

    /// <summary>A blob is not the one an entry names.</summary>
    BlobAltered,

    /// <summary>A blob that an entry names is not there.</summary>
    BlobMissing,

    /// <summary>A value has no readable form, though nothing shows that it has been tampered with.</summary>
    Unreadable,
}

/// <summary>The names of <see cref="FindingKind"/> in reports.</summary>
public static class FindingKindName
{
    /// <summary>The kind in snake case: <c>rolled_back</c>.</summary>
    public static string ToWireName(this FindingKind kind) => kind switch
    {
        FindingKind.Changed => "changed",
        FindingKind.Deleted => "deleted",
        FindingKind.Inserted => "inserted",
        FindingKind.Reordered => "reordered",
        FindingKind.Truncated => "truncated",
        FindingKind.Forked => "forked",
        FindingKind.RolledBack => "rolled_back",
        FindingKind.WrongKey => "wrong_key",
        FindingKind.HashAltered => "hash_altered",
        FindingKind.TileAltered => "tile_altered",
        FindingKind.HeadAltered => "head_altered",
        FindingKind.CheckpointAltered => "checkpoint_altered",
        FindingKind.BlobAltered => "blob_altered",
        FindingKind.BlobMissing => "blob_missing",
        FindingKind.Unreadable => "unreadable",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of finding."),
    };
}
