using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>
/// The first schema of the embedded store. STRICT tables refuse values of another type; the triggers refuse changes to
/// what has been written. <c>INSERT OR REPLACE</c> fires delete triggers only with recursive triggers on, which every
/// connection of ours sets. No trigger fires on insert, so the append pays nothing for them.
/// </summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261124000000_Initial")]
internal sealed class InitialMigration : Migration
{
    private const string Tables = """
        CREATE TABLE ledger_entry (
          seq INTEGER PRIMARY KEY CHECK (seq >= 0),
          hash BLOB NOT NULL CHECK (length(hash) = 32),
          body BLOB NOT NULL CHECK (length(body) BETWEEN 2 AND 65535)
        ) STRICT;

        CREATE TABLE ledger_tile (
          level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 63),
          idx INTEGER NOT NULL CHECK (idx >= 0),
          root BLOB NOT NULL CHECK (length(root) = 32),
          hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
          PRIMARY KEY (level, idx)
        ) STRICT;

        CREATE TABLE ledger_head (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          origin TEXT NOT NULL,
          size INTEGER NOT NULL CHECK (size >= 0),
          root BLOB NOT NULL CHECK (length(root) = 32),
          frontier BLOB NOT NULL CHECK (length(frontier) % 32 = 0),
          last_hash BLOB NOT NULL CHECK (length(last_hash) = 32),
          checkpoint TEXT NOT NULL,
          recorded_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE ledger_checkpoint (
          size INTEGER PRIMARY KEY CHECK (size >= 0),
          note TEXT NOT NULL
        ) STRICT;

        CREATE TABLE ledger_external (
          key BLOB PRIMARY KEY NOT NULL CHECK (length(key) = 16),
          seq INTEGER NOT NULL,
          fingerprint INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE ledger_idempotency (
          key BLOB PRIMARY KEY NOT NULL CHECK (length(key) = 32),
          request BLOB NOT NULL CHECK (length(request) = 32),
          places BLOB NOT NULL,
          recorded_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX ledger_idempotency_recorded_at ON ledger_idempotency (recorded_at);

        CREATE TABLE blob (
          sha256 BLOB PRIMARY KEY NOT NULL CHECK (length(sha256) = 32),
          key TEXT NOT NULL,
          content BLOB NOT NULL
        ) STRICT;

        CREATE TABLE data_key (
          id TEXT PRIMARY KEY NOT NULL,
          kind TEXT NOT NULL,
          wrapped_by TEXT REFERENCES data_key (id),
          wrapped BLOB,
          algorithm TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('active', 'retired', 'destroyed')),
          CHECK ((wrapped IS NULL) = (state = 'destroyed'))
        ) STRICT;

        CREATE UNIQUE INDEX data_key_single ON data_key (kind)
          WHERE state = 'active' AND kind IN ('kek', 'log_signing', 'blind_index', 'page_token');

        CREATE TABLE event_schema (
          action TEXT PRIMARY KEY NOT NULL,
          schema TEXT NOT NULL,
          version INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE follower_cursor (
          name TEXT PRIMARY KEY NOT NULL,
          next_seq INTEGER NOT NULL CHECK (next_seq >= 0)
        ) STRICT;

        CREATE TABLE api_key (
          id TEXT PRIMARY KEY NOT NULL,
          prefix TEXT NOT NULL UNIQUE,
          sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
          name TEXT NOT NULL,
          owner TEXT NOT NULL,
          scopes TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER,
          last_used_day TEXT,
          revoked_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;
        """;

    private const string HeadTrigger = """
        CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head
        WHEN NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.size < OLD.size
        BEGIN SELECT RAISE(ABORT, 'ledger_head only moves forward'); END;
        """;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        foreach (var table in (string[])["ledger_entry", "ledger_tile", "ledger_checkpoint", "ledger_external", "blob"])
        {
            migrationBuilder.Sql(Refuse(table, "UPDATE"));
            migrationBuilder.Sql(Refuse(table, "DELETE"));
        }

        migrationBuilder.Sql(HeadTrigger);
        migrationBuilder.Sql(Refuse("ledger_head", "DELETE"));
        migrationBuilder.Sql(Refuse("ledger_idempotency", "UPDATE"));
    }

    private static string Refuse(string table, string change) => $"""
        CREATE TRIGGER {table}_no_{change.ToLowerInvariant()} BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, '{table} is append-only: {change} refused'); END;
        """;
}
