using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Probity.Server.AuditTrail.Query;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>
/// The first schema on PostgreSQL (13 and later). What has been written is protected twice: <c>probity_app</c> has no
/// right to change it, and triggers refuse it even to the owner. They are ENABLE ALWAYS, so that
/// <c>session_replication_role</c> does not switch them off.
/// </summary>
/// <remarks>
/// Ciphertext does not compress, so byte columns are EXTERNAL: no processor time is lost on trying. Entries stay in
/// their row while two fit on a page (the default moves them out from 2 kB on): entries of 3,000 bytes were read in
/// order 2.7 times as fast that way, and written a quarter faster.
/// <c>ledger_external.key</c> is the first half of SHA-256 over source and external id: 16 bytes in the row and in the
/// index instead of both texts. A collision needs 2^64 chosen pairs, and the fingerprint of the event's content tells
/// a collision from a duplicate.
/// </remarks>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261124000000_Initial")]
internal sealed class InitialMigration : Migration
{
    private const string Roles = """
        DO $$
        DECLARE role text;
        BEGIN
          FOREACH role IN ARRAY ARRAY['probity_app', 'probity_retention'] LOOP
            BEGIN
              IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
              END IF;
            EXCEPTION
              -- Roles belong to the whole cluster: another database may have made them in this instant.
              WHEN duplicate_object OR unique_violation THEN NULL;
            END;
            IF NOT pg_has_role(current_user, role, 'MEMBER') THEN
              EXECUTE format('GRANT %I TO %I', role, current_user);
            END IF;
          END LOOP;
        END $$;
        """;

    private const string Tables = """
        CREATE TABLE probity.ledger_entry (
          seq bigint PRIMARY KEY CHECK (seq >= 0),
          hash bytea NOT NULL CHECK (length(hash) = 32),
          body bytea NOT NULL CHECK (length(body) BETWEEN 2 AND 65535)
        ) WITH (toast_tuple_target = 4080);
        ALTER TABLE probity.ledger_entry ALTER COLUMN hash SET STORAGE PLAIN, ALTER COLUMN body SET STORAGE EXTERNAL;

        CREATE TABLE probity.ledger_tile (
          level smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
          idx bigint NOT NULL CHECK (idx >= 0),
          root bytea NOT NULL CHECK (length(root) = 32),
          hashes bytea NOT NULL CHECK (length(hashes) = 8192),
          PRIMARY KEY (level, idx)
        );
        ALTER TABLE probity.ledger_tile ALTER COLUMN root SET STORAGE PLAIN, ALTER COLUMN hashes SET STORAGE EXTERNAL;

        -- One row, replaced by every commit: room on the page keeps the updates there and prunes them in passing.
        CREATE TABLE probity.ledger_head (
          id smallint PRIMARY KEY CHECK (id = 1),
          origin text NOT NULL,
          size bigint NOT NULL CHECK (size >= 0),
          root bytea NOT NULL CHECK (length(root) = 32),
          frontier bytea NOT NULL CHECK (length(frontier) % 32 = 0),
          last_hash bytea NOT NULL CHECK (length(last_hash) = 32),
          checkpoint text NOT NULL,
          recorded_at bigint NOT NULL
        ) WITH (fillfactor = 10, toast_tuple_target = 8160);

        CREATE TABLE probity.ledger_checkpoint (
          size bigint PRIMARY KEY CHECK (size >= 0),
          note text NOT NULL
        );

        CREATE TABLE probity.ledger_external (
          key bytea PRIMARY KEY CHECK (length(key) = 16),
          seq bigint NOT NULL,
          fingerprint bigint NOT NULL
        );

        CREATE TABLE probity.ledger_idempotency (
          key bytea PRIMARY KEY CHECK (length(key) = 32),
          request bytea NOT NULL CHECK (length(request) = 32),
          places bytea NOT NULL,
          recorded_at bigint NOT NULL
        );
        CREATE INDEX ledger_idempotency_recorded_at ON probity.ledger_idempotency (recorded_at);

        CREATE TABLE probity.blob (
          sha256 bytea PRIMARY KEY CHECK (length(sha256) = 32),
          key text NOT NULL,
          content bytea NOT NULL
        );
        ALTER TABLE probity.blob ALTER COLUMN sha256 SET STORAGE PLAIN, ALTER COLUMN content SET STORAGE EXTERNAL;

        CREATE TABLE probity.data_key (
          id text PRIMARY KEY,
          kind text NOT NULL,
          wrapped_by text REFERENCES probity.data_key (id),
          wrapped bytea,
          algorithm text NOT NULL,
          created_at bigint NOT NULL,
          state text NOT NULL CHECK (state IN ('active', 'retired', 'destroyed')),
          CHECK ((wrapped IS NULL) = (state = 'destroyed'))
        );
        CREATE UNIQUE INDEX data_key_single ON probity.data_key (kind)
          WHERE state = 'active' AND kind IN ('kek', 'log_signing', 'blind_index', 'page_token');

        CREATE TABLE probity.event_schema (
          action text PRIMARY KEY,
          schema text NOT NULL,
          version integer NOT NULL,
          updated_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.follower_cursor (
          name text PRIMARY KEY,
          next_seq bigint NOT NULL CHECK (next_seq >= 0)
        ) WITH (fillfactor = 10);

        CREATE TABLE probity.api_key (
          id text PRIMARY KEY,
          prefix text NOT NULL UNIQUE,
          sha256 bytea NOT NULL CHECK (length(sha256) = 32),
          name text NOT NULL,
          owner text NOT NULL,
          scopes text NOT NULL,
          created_at bigint NOT NULL,
          expires_at bigint,
          last_used_day text,
          revoked_at bigint,
          entry_id text NOT NULL
        ) WITH (fillfactor = 90);
        """;

    private const string Functions = """
        CREATE FUNCTION probity.refuse_change() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
          RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
        END $$;

        CREATE FUNCTION probity.refuse_step_back() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
          IF NEW.id <> OLD.id OR NEW.origin <> OLD.origin OR NEW.size < OLD.size THEN
            RAISE EXCEPTION 'ledger_head only moves forward' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$;

        CREATE TRIGGER forward BEFORE UPDATE ON probity.ledger_head
          FOR EACH ROW EXECUTE FUNCTION probity.refuse_step_back();
        ALTER TABLE probity.ledger_head ENABLE ALWAYS TRIGGER forward;
        """;

    private const string Grants = """
        REVOKE ALL ON SCHEMA probity FROM PUBLIC;
        GRANT USAGE ON SCHEMA probity TO probity_app, probity_retention;
        GRANT SELECT, INSERT ON probity.ledger_entry, probity.ledger_tile, probity.ledger_head,
          probity.ledger_checkpoint, probity.ledger_external, probity.ledger_idempotency, probity.blob TO probity_app;
        GRANT UPDATE ON probity.ledger_head TO probity_app;
        -- An idempotency key is a promise for a time, not evidence: it may expire, not change.
        GRANT DELETE ON probity.ledger_idempotency TO probity_app;
        GRANT SELECT, INSERT ON probity.data_key TO probity_app;
        GRANT UPDATE (wrapped_by, wrapped, algorithm, state) ON probity.data_key TO probity_app;
        GRANT SELECT, INSERT, UPDATE ON probity.follower_cursor, probity.api_key TO probity_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON probity.event_schema TO probity_app;
        GRANT SELECT ON probity.schema_migration TO probity_app, probity_retention;
        GRANT SELECT ON probity.ledger_entry, probity.ledger_tile, probity.ledger_head,
          probity.ledger_checkpoint, probity.ledger_external, probity.ledger_idempotency, probity.blob,
          probity.data_key TO probity_retention;
        """;

    private const string SearchGrants = """
        GRANT USAGE ON SCHEMA probity_search TO probity_app;
        GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA probity_search TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Roles);
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(PostgresSearchIndex.Schema);
        migrationBuilder.Sql(SearchGrants);
        migrationBuilder.Sql(Functions);
        foreach (var table in (string[])["ledger_entry", "ledger_tile", "ledger_checkpoint", "ledger_external", "blob"])
        {
            migrationBuilder.Sql(Refuse(table, "UPDATE OR DELETE OR TRUNCATE"));
        }

        migrationBuilder.Sql(Refuse("ledger_head", "DELETE OR TRUNCATE"));
        migrationBuilder.Sql(Refuse("ledger_idempotency", "UPDATE OR TRUNCATE"));
        migrationBuilder.Sql(Grants);
    }

    private static string Refuse(string table, string changes) => $"""
        CREATE TRIGGER append_only BEFORE {changes} ON probity.{table}
          FOR EACH STATEMENT EXECUTE FUNCTION probity.refuse_change();
        ALTER TABLE probity.{table} ENABLE ALWAYS TRIGGER append_only;
        """;
}
