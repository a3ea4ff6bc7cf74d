using System.Data;
using System.Data.Common;
using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
using Probity.Ledger.Verification;
using Probity.Server.Access;
using Probity.Server.AuditTrail;
using Probity.Server.Hosting.Cli;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Custody.Backup;

/// <summary>
/// The commit with which a log goes on under a new origin: the row that lets the head change its name, the changed
/// head, and the first entry under the new name, together or not at all.
/// </summary>
internal static class OriginChange
{
    private const string Insert =
        "INSERT INTO ledger_continuation (seq, former, origin) VALUES (@seq, @former, @origin)";
    private const string Rename =
        "UPDATE ledger_head SET origin = @origin WHERE id = 1 AND origin = @former AND size = @seq";

    /// <summary>The request to append.</summary>
    /// <param name="head">The head of the copy that was put back.</param>
    /// <param name="lost">The last checkpoint of its origin known from outside.</param>
    /// <param name="log">The log under its new origin.</param>
    /// <param name="loss">Who accepted the loss.</param>
    /// <param name="consents">The notes with which they did; empty when they are only named.</param>
    public static AppendRequest Request(
        LogHead head, Checkpoint lost, LogIdentity log, AcceptedLoss loss, IReadOnlyList<string> consents)
    {
        var draft = new AccessEntry(Caller.Server.ToActor(), null, TimeProvider.System).Draft(
            ContinuationClaims.EntryType, "custody.log.continue", "sys_restore", new EntryTarget("log", log.Origin),
            ("former_origin", head.Origin), ("restored_size", head.Size), ("restored_root", head.Root.ToBase64()),
            ("checkpoint", new { size = lost.Size, root = lost.Root.ToBase64() }),
            ("lost", new[] { head.Size, lost.Size - 1 }), ("key", log.Key.ToString()), ("reason", loss.Reason),
            ("approvers", loss.Approvers.Select(id => new { id, role = "operator" })), ("consents", consents));
        return new AppendRequest([draft])
        {
            Alongside = (connection, transaction, token) =>
                WriteAsync(connection, transaction, head, log.Origin, token),
        };
    }

    private static async Task WriteAsync(
        DbConnection connection, DbTransaction transaction, LogHead head, string origin,
        CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, transaction, Insert, head, origin, cancellationToken);
        await ExecuteAsync(connection, transaction, Rename, head, origin, cancellationToken);
    }

    private static async Task ExecuteAsync(
        DbConnection connection, DbTransaction transaction, string constantSql, LogHead head, string origin,
        CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // One of two constants.
        command.CommandText = constantSql;
#pragma warning restore CA2100
        Add(command, "@seq", DbType.Int64, head.Size);
        Add(command, "@former", DbType.String, head.Origin);
        Add(command, "@origin", DbType.String, origin);
        if (await command.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            throw new LedgerIntegrityException("The head of the log changed while it was continued. Stop every node.");
        }
    }

    private static void Add(DbCommand command, string name, DbType type, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.DbType, parameter.Value) = (name, type, value);
        command.Parameters.Add(parameter);
    }
}
