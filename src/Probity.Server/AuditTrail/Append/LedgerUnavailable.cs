using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Probity.Server.AuditTrail.Append;

/// <summary>Turns what a store says into a refusal that tells the caller and the operator what to do.</summary>
internal static class LedgerUnavailable
{
    private const int SqliteFull = 13;
    private const int SqliteIOError = 10;
    private const int NoSpaceLeft = 28; // ENOSPC

    /// <summary>
    /// The store's failure inside what EF Core wraps around it; null when the exception tells of none, or of one that
    /// sending again cannot cure.
    /// </summary>
    public static LedgerUnavailableException? Within(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case LedgerUnavailableException known:
                    return known;
                case DbException { IsTransient: true } or SqliteException { SqliteErrorCode: SqliteFull or SqliteIOError }
                    or PostgresException { SqlState: PostgresErrorCodes.DiskFull } or IOException { HResult: NoSpaceLeft }:
                    return From(cause);
            }
        }

        return null;
    }

    public static LedgerUnavailableException From(Exception failure) => failure switch
    {
        LedgerUnavailableException known => known,
        SqliteException { SqliteErrorCode: SqliteFull } => DiskFull(failure),
        SqliteException { SqliteErrorCode: SqliteIOError } => DiskFull(failure),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => DiskFull(failure),
        IOException { HResult: NoSpaceLeft } => DiskFull(failure),
        _ => new LedgerUnavailableException(
            "ledger.unavailable", "The ledger cannot commit now, so nothing was recorded. Send it again.", failure),
    };

    private static LedgerUnavailableException DiskFull(Exception failure) => new(
        "store.disk_full", "The store has no room, so nothing was recorded. Free disk space and send it again.", failure);
}
