using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Approvals and their policies; rows are never deleted, on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261125010000_Approval")]
internal sealed class ApprovalMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.approval (
          id text PRIMARY KEY,
          action text NOT NULL,
          target_type text NOT NULL,
          target_id text NOT NULL,
          payload text NOT NULL,
          payload_sha256 text NOT NULL CHECK (length(payload_sha256) = 64),
          maker_id text NOT NULL,
          maker_person text REFERENCES probity.user_account (id),
          maker_name text NOT NULL,
          reason text NOT NULL,
          created_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          state text NOT NULL CHECK (state IN ('pending', 'rejected', 'expired', 'withdrawn', 'executed', 'failed')),
          checkers_needed integer NOT NULL CHECK (checkers_needed BETWEEN 1 AND 6),
          checker_permission text NOT NULL,
          decisions text NOT NULL,
          decided_at bigint,
          executed_entry text,
          failure text,
          entry_id text NOT NULL,
          CHECK ((state = 'pending') = (decided_at IS NULL))
        );

        CREATE INDEX approval_waiting ON probity.approval (expires_at) WHERE state = 'pending';
        CREATE INDEX approval_maker ON probity.approval (maker_person, maker_id);

        CREATE TABLE probity.approval_policy (
          action text PRIMARY KEY,
          checkers integer NOT NULL CHECK (checkers BETWEEN 1 AND 5),
          permission text NOT NULL,
          expiry_hours integer NOT NULL CHECK (expiry_hours BETWEEN 1 AND 720),
          entry_id text NOT NULL
        );

        GRANT SELECT, INSERT, UPDATE ON probity.approval, probity.approval_policy TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
