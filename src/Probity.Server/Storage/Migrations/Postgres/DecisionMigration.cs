using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Steps of monitoring, sets of rules and their content; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128070000_Decisions")]
internal sealed class DecisionMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.monitoring_step (
          number bigint PRIMARY KEY,
          kind text NOT NULL CHECK (kind IN ('transaction', 'reversal', 'rules')),
          transaction_id text UNIQUE,
          entry_id text NOT NULL,
          recorded_at bigint NOT NULL,
          occurred_at bigint,
          type text,
          amount text,
          currency text,
          outcome text,
          score integer,
          alert_rule text,
          reverses bigint REFERENCES probity.monitoring_step (number),
          rule_set_id text
        );

        CREATE INDEX monitoring_step_outcome ON probity.monitoring_step (outcome, number) WHERE outcome IS NOT NULL;
        CREATE INDEX monitoring_step_reverses ON probity.monitoring_step (reverses) WHERE reverses IS NOT NULL;
        CREATE INDEX monitoring_step_rules ON probity.monitoring_step (number) WHERE kind = 'rules';

        CREATE TABLE probity.monitoring_rule_set (
          id text PRIMARY KEY,
          digest text NOT NULL CHECK (length(digest) = 64),
          note text NOT NULL,
          documents text NOT NULL,
          book text NOT NULL,
          book_version text NOT NULL,
          status text NOT NULL CHECK (status IN ('draft', 'approved', 'active')),
          active_from bigint,
          made_by text NOT NULL,
          made_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.monitoring_content (
          sha256 text PRIMARY KEY CHECK (length(sha256) = 64),
          json bytea NOT NULL
        );

        -- Steps and content are never changed: the application may add and read them.
        GRANT SELECT, INSERT ON probity.monitoring_step, probity.monitoring_content TO probity_app;
        GRANT SELECT, INSERT, UPDATE ON probity.monitoring_rule_set TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
