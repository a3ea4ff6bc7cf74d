using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Configurations of screening and effectiveness tests; in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128101000_Effectiveness")]
internal sealed class EffectivenessMigration : Migration
{
    private const string Tables = """
        CREATE TABLE screening_configuration (
          id TEXT PRIMARY KEY NOT NULL,
          threshold INTEGER NOT NULL CHECK (threshold BETWEEN 0 AND 10000),
          weak_names TEXT NOT NULL,
          sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
          state TEXT NOT NULL CHECK (state IN ('draft', 'live', 'retired')),
          made_by TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          trial TEXT,
          tried_at INTEGER,
          live_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        -- One is in force at a time.
        CREATE UNIQUE INDEX screening_configuration_live ON screening_configuration (state) WHERE state = 'live';

        CREATE TABLE screening_test (
          id TEXT PRIMARY KEY NOT NULL,
          set_sha256 TEXT NOT NULL UNIQUE CHECK (length(set_sha256) = 64),
          lists TEXT NOT NULL,
          configuration TEXT NOT NULL,
          engine_version INTEGER NOT NULL,
          threshold INTEGER NOT NULL,
          parts TEXT NOT NULL,
          started_at INTEGER NOT NULL,
          finished_at INTEGER NOT NULL,
          verdict TEXT CHECK (verdict IN ('accepted', 'not_accepted')),
          statement TEXT,
          signed_by TEXT,
          signed_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE screening_test_part (
          set_sha256 TEXT NOT NULL,
          number INTEGER NOT NULL,
          part TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          PRIMARY KEY (set_sha256, number)
        ) STRICT;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
