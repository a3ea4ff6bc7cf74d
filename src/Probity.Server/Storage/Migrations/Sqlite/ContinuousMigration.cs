using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Results, runs, hits and exemptions of registered customers; in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128050100_Continuous")]
internal sealed class ContinuousMigration : Migration
{
    private const string Tables = """
        CREATE TABLE screening_result (
          customer_id TEXT PRIMARY KEY NOT NULL REFERENCES customer_record (id),
          customer_version INTEGER NOT NULL,
          lists_sha256 TEXT NOT NULL CHECK (length(lists_sha256) = 64),
          hits INTEGER NOT NULL,
          evidence TEXT NOT NULL,
          screened_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX screening_result_screened ON screening_result (screened_at);

        CREATE TABLE screening_run (
          id TEXT PRIMARY KEY NOT NULL,
          from_sha256 TEXT,
          lists_sha256 TEXT NOT NULL,
          lists TEXT NOT NULL,
          engine TEXT NOT NULL,
          entries INTEGER NOT NULL,
          customers INTEGER NOT NULL,
          screened INTEGER NOT NULL,
          hits INTEGER NOT NULL,
          started_at INTEGER NOT NULL,
          finished_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE screening_hit (
          id TEXT PRIMARY KEY NOT NULL,
          customer_id TEXT NOT NULL REFERENCES customer_record (id),
          external_id TEXT NOT NULL,
          legal_entity TEXT,
          list TEXT NOT NULL,
          entity_uid TEXT NOT NULL,
          entry_sha256 TEXT NOT NULL CHECK (length(entry_sha256) = 64),
          customer_digest TEXT NOT NULL,
          score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 10000),
          status TEXT NOT NULL
            CHECK (status IN ('open', 'true_match', 'false_positive', 'escalated', 'exempted', 'ended')),
          evidence TEXT NOT NULL,
          alert_id TEXT REFERENCES case_alert (id),
          reason_code TEXT,
          decided_by TEXT,
          decided_at INTEGER,
          found_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          UNIQUE (customer_id, list, entity_uid)
        ) STRICT;

        CREATE INDEX screening_hit_status ON screening_hit (status, id);

        CREATE TABLE screening_exemption (
          id TEXT PRIMARY KEY NOT NULL,
          hit_id TEXT NOT NULL REFERENCES screening_hit (id),
          customer_id TEXT NOT NULL,
          list TEXT NOT NULL,
          entity_uid TEXT NOT NULL,
          entry_sha256 TEXT NOT NULL,
          customer_digest TEXT NOT NULL,
          reason_code TEXT NOT NULL,
          proof TEXT NOT NULL,
          approval_id TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('active', 'reopened')),
          made_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        -- One exemption a hit at a time.
        CREATE UNIQUE INDEX screening_exemption_active ON screening_exemption (hit_id) WHERE state = 'active';
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
