using System.Data.Common;
using Probity.Server.Hosting.Doctor;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Keys;
using Probity.Server.Storage;
using Probity.Server.Storage.Migrations;
using Probity.Server.Storage.Postgres;
using Probity.Server.Storage.Sqlite;

namespace Probity.Server.AuditTrail.Health;

/// <summary>Whether the schema is that of this program, and whether the root key opens the keys that are stored.</summary>
internal sealed class LedgerDoctorCheck : IDoctorCheck
{
    public string Name => "ledger";

    public async Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken)
    {
        if (settings.Store.Kind == StoreKind.Sqlite && !File.Exists(settings.Store.Value))
        {
            return [new(FindingKind.Note, Name, "there is no ledger yet", "`probity up` makes it at the first start")];
        }

        await using IDatabase database = settings.Store.Kind == StoreKind.Sqlite
            ? new SqliteDatabase(settings.Store.Value)
            : new PostgresDatabase(settings.Store.Value);
        try
        {
            var pending = await MigrationPlan.ReadAsync(database, cancellationToken);
            return pending.Count > 0
                ? [new(FindingKind.Warning, Name, $"{pending.Count} migration(s) not applied yet: {pending[0].Id} is next",
                    "`probity migrate --plan` shows them, `probity migrate` or the next `probity up` applies them")]
                : [new(FindingKind.Ok, Name, "every migration is applied"), await KeysAsync(database, settings, cancellationToken)];
        }
        catch (StorageException newer)
        {
            return [new(FindingKind.Fault, Name, newer.Message)];
        }
        catch (DbException fault)
        {
            // Messages of the driver may carry the user or the host.
            return [new(FindingKind.Fault, Name, $"the schema cannot be read ({fault.SqlState ?? fault.GetType().Name})")];
        }
    }

    private async Task<Finding> KeysAsync(
        IDatabase database, ProbitySettings settings, CancellationToken cancellationToken)
    {
        if (KeyFiles.Complete(settings, mayCreate: false).Settings is not { } complete
            || RootKeys.Find(complete) is not { } root)
        {
            return new(FindingKind.Fault, Name, "the root key that made the stored keys is not here",
                "set AUDIT_ENCRYPTION_KEY, or put keys/encryption.key back from your backup");
        }

        try
        {
            using var keys = await KeyRing.OpenExistingAsync(
                database, root, TimeProvider.System, cancellationToken);
            return new(FindingKind.Ok, Name, "the root key opens the stored keys");
        }
        catch (StorageException missing) when (missing.Code == "keys.missing")
        {
            return new(FindingKind.Note, Name, "no keys are stored yet", "`probity up` makes them at the first start");
        }
        catch (StorageException refused)
        {
            return new(FindingKind.Fault, Name, refused.Message, "give the root key this store was made with");
        }
    }
}
