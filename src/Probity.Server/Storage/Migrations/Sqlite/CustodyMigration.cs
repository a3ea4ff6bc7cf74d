using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>
/// Retention, holds, erasure and backups in the embedded store. An entry may go only where a committed purge entry
/// names
/// it; the triggers look that up for themselves.
/// </summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128020000_Custody")]
internal sealed class CustodyMigration : Migration
{
    private const string Tables = """
        CREATE TABLE erasure (
          id TEXT PRIMARY KEY NOT NULL,
          subject TEXT NOT NULL,
          subject_type TEXT NOT NULL,
          subject_id TEXT,
          state TEXT NOT NULL CHECK (state IN ('asked', 'queued', 'destroyed', 'complete', 'withdrawn')),
          reason TEXT NOT NULL,
          requested_by TEXT NOT NULL,
          requested_at INTEGER NOT NULL,
          due_at INTEGER,
          ground TEXT,
          letter TEXT,
          approval_id TEXT,
          approvers TEXT,
          destroyed_at INTEGER,
          keys TEXT,
          executed_entry TEXT,
          completed_at INTEGER,
          certificate TEXT,
          entry_id TEXT NOT NULL
        ) STRICT;
        CREATE INDEX erasure_open ON erasure (due_at) WHERE state IN ('asked', 'queued', 'destroyed');
        CREATE INDEX erasure_subject ON erasure (subject);

        CREATE TABLE legal_hold (
          id TEXT PRIMARY KEY NOT NULL,
          matter TEXT NOT NULL,
          scope TEXT NOT NULL CHECK (scope IN ('subject', 'action', 'case', 'all')),
          subject_type TEXT,
          value TEXT NOT NULL,
          reason TEXT NOT NULL,
          placed_by TEXT NOT NULL,
          placed_at INTEGER NOT NULL,
          released_by TEXT,
          released_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE retention_policy (
          id TEXT PRIMARY KEY NOT NULL,
          event_type TEXT NOT NULL,
          version INTEGER NOT NULL,
          period TEXT NOT NULL,
          counted_from TEXT,
          basis TEXT NOT NULL,
          set_by TEXT NOT NULL,
          set_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          UNIQUE (event_type, version)
        ) STRICT;

        CREATE TABLE purge_run (
          id TEXT PRIMARY KEY NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('asked', 'running', 'complete', 'withdrawn')),
          before_seq INTEGER NOT NULL,
          as_of INTEGER NOT NULL,
          reason TEXT NOT NULL,
          requested_by TEXT NOT NULL,
          approval_id TEXT,
          approvers TEXT,
          purged INTEGER NOT NULL,
          held INTEGER NOT NULL,
          next_seq INTEGER NOT NULL,
          started_at INTEGER,
          completed_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE ledger_purge (
          first_seq INTEGER PRIMARY KEY NOT NULL CHECK (first_seq >= 0),
          last_seq INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          CHECK (last_seq >= first_seq)
        ) STRICT;

        CREATE TABLE blob_purge (
          sha256 BLOB PRIMARY KEY NOT NULL CHECK (length(sha256) = 32)
        ) STRICT;

        CREATE TABLE backup_set (
          id TEXT PRIMARY KEY NOT NULL,
          created_at INTEGER NOT NULL,
          size INTEGER NOT NULL,
          root TEXT NOT NULL,
          bytes INTEGER NOT NULL,
          sha256 TEXT NOT NULL,
          name TEXT NOT NULL,
          expires_at INTEGER NOT NULL,
          created_by TEXT NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE ledger_continuation (
          seq INTEGER PRIMARY KEY NOT NULL,
          former TEXT NOT NULL,
          origin TEXT NOT NULL
        ) STRICT;
        """;

    private const string Triggers = """
        DROP TRIGGER ledger_entry_no_delete;
        CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry
        WHEN NOT EXISTS (
          SELECT 1 FROM (SELECT last_seq FROM ledger_purge WHERE first_seq <= OLD.seq ORDER BY first_seq DESC LIMIT 1)
          WHERE last_seq >= OLD.seq)
        BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only: DELETE refused'); END;

        DROP TRIGGER blob_no_delete;
        CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob
        WHEN NOT EXISTS (SELECT 1 FROM blob_purge WHERE sha256 = OLD.sha256)
        BEGIN SELECT RAISE(ABORT, 'blob is append-only: DELETE refused'); END;

        DROP TRIGGER ledger_head_forward;
        CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head
        WHEN NEW.id <> OLD.id OR NEW.size < OLD.size OR (NEW.origin <> OLD.origin AND NOT EXISTS (
          SELECT 1 FROM ledger_continuation WHERE former = OLD.origin AND origin = NEW.origin AND seq = OLD.size))
        BEGIN SELECT RAISE(ABORT, 'ledger_head only moves forward'); END;
        """;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Triggers);
        foreach (var table in (string[])["ledger_purge", "ledger_continuation"])
        {
            migrationBuilder.Sql(Refuse(table, "UPDATE"));
            migrationBuilder.Sql(Refuse(table, "DELETE"));
        }
    }

    private static string Refuse(string table, string change) => $"""
        CREATE TRIGGER {table}_no_{change.ToLowerInvariant()} BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is append-only: {change} refused'); END;
        """;
}
