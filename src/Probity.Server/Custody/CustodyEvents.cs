namespace Probity.Server.Custody;

/// <summary>
/// The types of the entries of Custody. Their <c>data</c> stays in clear: it names no person, and whoever verifies
/// the log
/// without keys must see what was purged or erased, and by whose approval.
/// </summary>
internal static class CustodyEvents
{
    public const string KeyRotated = "probity.custody.key_rotated";
    public const string RootRotated = "probity.custody.root_rotated";
    public const string KeysBackedUp = "probity.custody.keys_backed_up";
    public const string ErasureAsked = "probity.custody.erasure_asked";
    public const string ErasureQueued = "probity.custody.erasure_queued";
    public const string ErasureWithdrawn = "probity.custody.erasure_withdrawn";
    public const string Erased = "probity.custody.erased";
    public const string ErasureCertified = "probity.custody.erasure_certified";
    public const string ErasureReplayed = "probity.custody.erasure_replayed";
    public const string RetentionSet = "probity.custody.retention_set";
    public const string FieldClassSet = "probity.custody.field_class_set";
    public const string FieldHashed = "probity.custody.field_hashed";
    public const string HoldPlaced = "probity.custody.hold_placed";
    public const string HoldReleased = "probity.custody.hold_released";
    public const string PurgeAsked = "probity.custody.purge_asked";
    public const string PurgeStarted = "probity.custody.purge_started";
    public const string Purged = Probity.Ledger.Verification.PurgeClaims.EntryType;
    public const string PurgeEnded = "probity.custody.purge_ended";
    public const string BackedUp = "probity.custody.backed_up";
    public const string RecoveryKeySet = Probity.Ledger.Verification.RecoveryKeyClaims.EntryType;
    public const string Continued = Probity.Ledger.Verification.ContinuationClaims.EntryType;
}
