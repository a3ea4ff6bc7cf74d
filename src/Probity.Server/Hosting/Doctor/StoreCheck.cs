using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Whether the store answers, takes a write, and is of a version we support. Migrations are Storage's own check.</summary>
internal sealed class StoreCheck : IDoctorCheck
{
    private const int OldestPostgres = 13;
    private const int SqliteBusy = 5;

    public string Name => "store";

    public async Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken)
    {
        var store = settings.Store;
        if (store.Kind == StoreKind.Sqlite && !File.Exists(store.Value))
        {
            return [new(FindingKind.Note, Name, $"{store} is not there yet", "`probity up` makes it at the first start")];
        }

        try
        {
            await using var connection = await StoreConnection.OpenAsync(store, cancellationToken);
            return store.Kind == StoreKind.Sqlite
                ? await LookAtSqliteAsync(connection, store, cancellationToken)
                : await LookAtPostgresAsync(connection, store, cancellationToken);
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or IOException)
        {
            // Messages of the driver may carry the user or the host; the state of the server says enough.
            var state = fault is PostgresException refused ? $" (SQLSTATE {refused.SqlState})" : $" ({fault.GetType().Name})";
            return [new(FindingKind.Fault, Name, $"{store} cannot be reached{state}", "check that it runs, the address, and the rights of the user")];
        }
    }

    private async Task<IReadOnlyList<Finding>> LookAtSqliteAsync(
        DbConnection connection, StoreAddress store, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        var journal = await command.ExecuteScalarAsync(cancellationToken) as string;
        var findings = new List<Finding>
        {
            journal == "wal"
                ? new(FindingKind.Ok, Name, $"{store} answers (SQLite {connection.ServerVersion}, WAL)")
                : new(FindingKind.Warning, Name, $"{store} uses the journal '{journal}', not WAL", "`probity migrate` sets it"),
        };
        try
        {
            command.CommandText = "BEGIN IMMEDIATE; ROLLBACK";
            await command.ExecuteNonQueryAsync(cancellationToken);
            findings.Add(new(FindingKind.Ok, Name, "it takes writes"));
        }
        catch (SqliteException busy) when (busy.SqliteErrorCode == SqliteBusy)
        {
            findings.Add(new(FindingKind.Ok, Name, "a server is writing to it"));
        }

        return findings;
    }

    private async Task<IReadOnlyList<Finding>> LookAtPostgresAsync(
        DbConnection connection, StoreAddress store, CancellationToken cancellationToken)
    {
        var version = ((NpgsqlConnection)connection).PostgreSqlVersion;
        var text = string.Create(CultureInfo.InvariantCulture, $"{store} answers (PostgreSQL {version.Major}.{version.Minor})");
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";
        var isReadOnly = await command.ExecuteScalarAsync(cancellationToken) is true;
        command.CommandText = "SELECT current_setting('synchronous_commit')";
        var commit = await command.ExecuteScalarAsync(cancellationToken) as string;
        return
        [
            version.Major >= OldestPostgres
                ? new(FindingKind.Ok, Name, text)
                : new(FindingKind.Misconfigured, Name, text, $"use PostgreSQL {OldestPostgres} or newer"),
            isReadOnly
                ? new(FindingKind.Fault, Name, "it takes no writes (a standby, or set read-only)", "point AUDIT_DATABASE_URL to the primary")
                : new(FindingKind.Ok, Name, "it takes writes"),
            commit == "off"
                ? new(FindingKind.Fault, Name, "synchronous_commit is off: an acknowledged event could be lost", "set synchronous_commit = on")
                : new(FindingKind.Ok, Name, $"commits are durable (synchronous_commit = {commit})"),
        ];
    }
}
