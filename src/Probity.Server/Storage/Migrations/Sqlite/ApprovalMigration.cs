using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Approvals and their policies; rows are never deleted, in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261125010000_Approval")]
internal sealed class ApprovalMigration : Migration
{
    private const string Tables = """
        CREATE TABLE approval (
          id TEXT PRIMARY KEY NOT NULL,
          action TEXT NOT NULL,
          target_type TEXT NOT NULL,
          target_id TEXT NOT NULL,
          payload TEXT NOT NULL,
          payload_sha256 TEXT NOT NULL CHECK (length(payload_sha256) = 64),
          maker_id TEXT NOT NULL,
          maker_person TEXT REFERENCES user_account (id),
          maker_name TEXT NOT NULL,
          reason TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('pending', 'rejected', 'expired', 'withdrawn', 'executed', 'failed')),
          checkers_needed INTEGER NOT NULL CHECK (checkers_needed BETWEEN 1 AND 6),
          checker_permission TEXT NOT NULL,
          decisions TEXT NOT NULL,
          decided_at INTEGER,
          executed_entry TEXT,
          failure TEXT,
          entry_id TEXT NOT NULL,
          CHECK ((state = 'pending') = (decided_at IS NULL))
        ) STRICT;

        CREATE INDEX approval_waiting ON approval (expires_at) WHERE state = 'pending';
        CREATE INDEX approval_maker ON approval (maker_person, maker_id);

        CREATE TABLE approval_policy (
          action TEXT PRIMARY KEY NOT NULL,
          checkers INTEGER NOT NULL CHECK (checkers BETWEEN 1 AND 5),
          permission TEXT NOT NULL,
          expiry_hours INTEGER NOT NULL CHECK (expiry_hours BETWEEN 1 AND 720),
          entry_id TEXT NOT NULL
        ) STRICT;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
