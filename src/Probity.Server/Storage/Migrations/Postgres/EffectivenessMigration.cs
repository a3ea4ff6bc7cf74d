using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Configurations of screening and effectiveness tests; in PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128101000_Effectiveness")]
internal sealed class EffectivenessMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.screening_configuration (
          id text PRIMARY KEY,
          threshold integer NOT NULL CHECK (threshold BETWEEN 0 AND 10000),
          weak_names text NOT NULL,
          sha256 text NOT NULL CHECK (length(sha256) = 64),
          state text NOT NULL CHECK (state IN ('draft', 'live', 'retired')),
          made_by text NOT NULL,
          made_at bigint NOT NULL,
          trial text,
          tried_at bigint,
          live_at bigint,
          entry_id text NOT NULL
        );

        -- One is in force at a time.
        CREATE UNIQUE INDEX screening_configuration_live ON probity.screening_configuration (state)
          WHERE state = 'live';

        CREATE TABLE probity.screening_test (
          id text PRIMARY KEY,
          set_sha256 text NOT NULL UNIQUE CHECK (length(set_sha256) = 64),
          lists text NOT NULL,
          configuration text NOT NULL,
          engine_version integer NOT NULL,
          threshold integer NOT NULL,
          parts text NOT NULL,
          started_at bigint NOT NULL,
          finished_at bigint NOT NULL,
          verdict text CHECK (verdict IN ('accepted', 'not_accepted')),
          statement text,
          signed_by text,
          signed_at bigint,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.screening_test_part (
          set_sha256 text NOT NULL,
          number integer NOT NULL,
          part text NOT NULL,
          made_at bigint NOT NULL,
          PRIMARY KEY (set_sha256, number)
        );

        GRANT SELECT, INSERT, UPDATE ON probity.screening_configuration, probity.screening_test TO probity_app;
        GRANT SELECT, INSERT, DELETE ON probity.screening_test_part TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
