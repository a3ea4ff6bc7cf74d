using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>
/// Retention, holds, erasure and backups on PostgreSQL. Only <c>probity_retention</c> deletes entries, and only those
/// that
/// a committed purge entry names; the role that serves requests has no right to.
/// </summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128020000_Custody")]
internal sealed class CustodyMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.erasure (
          id text PRIMARY KEY NOT NULL,
          subject text NOT NULL,
          subject_type text NOT NULL,
          subject_id text,
          state text NOT NULL CHECK (state IN ('asked', 'queued', 'destroyed', 'complete', 'withdrawn')),
          reason text NOT NULL,
          requested_by text NOT NULL,
          requested_at bigint NOT NULL,
          due_at bigint,
          ground text,
          letter text,
          approval_id text,
          approvers text,
          destroyed_at bigint,
          keys text,
          executed_entry text,
          completed_at bigint,
          certificate text,
          entry_id text NOT NULL
        );
        CREATE INDEX erasure_open ON probity.erasure (due_at) WHERE state IN ('asked', 'queued', 'destroyed');
        CREATE INDEX erasure_subject ON probity.erasure (subject);

        CREATE TABLE probity.legal_hold (
          id text PRIMARY KEY NOT NULL,
          matter text NOT NULL,
          scope text NOT NULL CHECK (scope IN ('subject', 'action', 'case', 'all')),
          subject_type text,
          value text NOT NULL,
          reason text NOT NULL,
          placed_by text NOT NULL,
          placed_at bigint NOT NULL,
          released_by text,
          released_at bigint,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.retention_policy (
          id text PRIMARY KEY NOT NULL,
          event_type text NOT NULL,
          version integer NOT NULL,
          period text NOT NULL,
          counted_from text,
          basis text NOT NULL,
          set_by text NOT NULL,
          set_at bigint NOT NULL,
          entry_id text NOT NULL,
          UNIQUE (event_type, version)
        );

        CREATE TABLE probity.purge_run (
          id text PRIMARY KEY NOT NULL,
          state text NOT NULL CHECK (state IN ('asked', 'running', 'complete', 'withdrawn')),
          before_seq bigint NOT NULL,
          as_of bigint NOT NULL,
          reason text NOT NULL,
          requested_by text NOT NULL,
          approval_id text,
          approvers text,
          purged bigint NOT NULL,
          held bigint NOT NULL,
          next_seq bigint NOT NULL,
          started_at bigint,
          completed_at bigint,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.ledger_purge (
          first_seq bigint PRIMARY KEY NOT NULL CHECK (first_seq >= 0),
          last_seq bigint NOT NULL,
          entry_id text NOT NULL,
          CHECK (last_seq >= first_seq)
        );

        CREATE TABLE probity.blob_purge (
          sha256 bytea PRIMARY KEY NOT NULL CHECK (length(sha256) = 32)
        );

        CREATE TABLE probity.backup_set (
          id text PRIMARY KEY NOT NULL,
          created_at bigint NOT NULL,
          size bigint NOT NULL,
          root text NOT NULL,
          bytes bigint NOT NULL,
          sha256 text NOT NULL,
          name text NOT NULL,
          expires_at bigint NOT NULL,
          created_by text NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.ledger_continuation (
          seq bigint PRIMARY KEY NOT NULL,
          former text NOT NULL,
          origin text NOT NULL
        );
        """;

    private const string Functions = """
        CREATE FUNCTION probity.refuse_unnamed() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
          IF current_user = 'probity_retention' THEN
            IF TG_TABLE_NAME = 'blob' THEN
              IF EXISTS (SELECT 1 FROM probity.blob_purge WHERE sha256 = OLD.sha256) THEN
                RETURN OLD;
              END IF;
            ELSIF (SELECT last_seq FROM probity.ledger_purge WHERE first_seq <= OLD.seq
                ORDER BY first_seq DESC LIMIT 1) >= OLD.seq THEN
              RETURN OLD;
            END IF;
          END IF;
          RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
        END $$;

        CREATE OR REPLACE FUNCTION probity.refuse_step_back() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
          IF NEW.id <> OLD.id OR NEW.size < OLD.size OR (NEW.origin <> OLD.origin AND NOT EXISTS (
              SELECT 1 FROM probity.ledger_continuation
              WHERE former = OLD.origin AND origin = NEW.origin AND seq = OLD.size)) THEN
            RAISE EXCEPTION 'ledger_head only moves forward' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$;
        """;

    private const string Grants = """
        GRANT SELECT, INSERT, UPDATE ON probity.erasure, probity.legal_hold, probity.retention_policy,
          probity.purge_run, probity.backup_set TO probity_app;
        GRANT SELECT, INSERT ON probity.ledger_purge, probity.blob_purge, probity.ledger_continuation TO probity_app;
        GRANT SELECT ON probity.ledger_purge, probity.blob_purge TO probity_retention;
        GRANT DELETE ON probity.ledger_entry, probity.blob TO probity_retention;
        """;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Functions);
        foreach (var table in (string[])["ledger_entry", "blob"])
        {
            migrationBuilder.Sql(Replace(table));
        }

        foreach (var table in (string[])["ledger_purge", "ledger_continuation"])
        {
            migrationBuilder.Sql(Refuse(table));
        }

        migrationBuilder.Sql(Grants);
    }

    private static string Replace(string table) => $"""
        DROP TRIGGER append_only ON probity.{table};
        CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON probity.{table}
          FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();
        ALTER TABLE probity.{table} ENABLE ALWAYS TRIGGER append_only;
        CREATE TRIGGER purge_only BEFORE DELETE ON probity.{table}
          FOR EACH ROW EXECUTE FUNCTION probity.refuse_unnamed();
        ALTER TABLE probity.{table} ENABLE ALWAYS TRIGGER purge_only;
        """;

    private static string Refuse(string table) => $"""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON probity.{table}
          FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();
        ALTER TABLE probity.{table} ENABLE ALWAYS TRIGGER append_only;
        """;
}
