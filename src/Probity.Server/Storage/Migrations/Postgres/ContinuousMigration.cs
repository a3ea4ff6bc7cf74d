using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Results, runs, hits and exemptions of registered customers; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128050100_Continuous")]
internal sealed class ContinuousMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.screening_result (
          customer_id text PRIMARY KEY REFERENCES probity.customer_record (id),
          customer_version integer NOT NULL,
          lists_sha256 text NOT NULL CHECK (length(lists_sha256) = 64),
          hits integer NOT NULL,
          evidence text NOT NULL,
          screened_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE INDEX screening_result_screened ON probity.screening_result (screened_at);

        CREATE TABLE probity.screening_run (
          id text PRIMARY KEY,
          from_sha256 text,
          lists_sha256 text NOT NULL,
          lists text NOT NULL,
          engine text NOT NULL,
          entries integer NOT NULL,
          customers integer NOT NULL,
          screened integer NOT NULL,
          hits integer NOT NULL,
          started_at bigint NOT NULL,
          finished_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.screening_hit (
          id text PRIMARY KEY,
          customer_id text NOT NULL REFERENCES probity.customer_record (id),
          external_id text NOT NULL,
          legal_entity text,
          list text NOT NULL,
          entity_uid text NOT NULL,
          entry_sha256 text NOT NULL CHECK (length(entry_sha256) = 64),
          customer_digest text NOT NULL,
          score integer NOT NULL CHECK (score BETWEEN 0 AND 10000),
          status text NOT NULL
            CHECK (status IN ('open', 'true_match', 'false_positive', 'escalated', 'exempted', 'ended')),
          evidence text NOT NULL,
          alert_id text REFERENCES probity.case_alert (id),
          reason_code text,
          decided_by text,
          decided_at bigint,
          found_at bigint NOT NULL,
          updated_at bigint NOT NULL,
          entry_id text NOT NULL,
          UNIQUE (customer_id, list, entity_uid)
        );

        CREATE INDEX screening_hit_status ON probity.screening_hit (status, id);

        CREATE TABLE probity.screening_exemption (
          id text PRIMARY KEY,
          hit_id text NOT NULL REFERENCES probity.screening_hit (id),
          customer_id text NOT NULL,
          list text NOT NULL,
          entity_uid text NOT NULL,
          entry_sha256 text NOT NULL,
          customer_digest text NOT NULL,
          reason_code text NOT NULL,
          proof text NOT NULL,
          approval_id text NOT NULL,
          state text NOT NULL CHECK (state IN ('active', 'reopened')),
          made_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        -- One exemption a hit at a time.
        CREATE UNIQUE INDEX screening_exemption_active ON probity.screening_exemption (hit_id) WHERE state = 'active';

        GRANT SELECT, INSERT, UPDATE ON probity.screening_result, probity.screening_hit, probity.screening_exemption
          TO probity_app;
        GRANT SELECT, INSERT ON probity.screening_run TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
