using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Steps of monitoring, sets of rules and their content; in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128070000_Decisions")]
internal sealed class DecisionMigration : Migration
{
    private const string Tables = """
        CREATE TABLE monitoring_step (
          number INTEGER PRIMARY KEY NOT NULL,
          kind TEXT NOT NULL CHECK (kind IN ('transaction', 'reversal', 'rules')),
          transaction_id TEXT UNIQUE,
          entry_id TEXT NOT NULL,
          recorded_at INTEGER NOT NULL,
          occurred_at INTEGER,
          type TEXT,
          amount TEXT,
          currency TEXT,
          outcome TEXT,
          score INTEGER,
          alert_rule TEXT,
          reverses INTEGER REFERENCES monitoring_step (number),
          rule_set_id TEXT
        ) STRICT;

        CREATE INDEX monitoring_step_outcome ON monitoring_step (outcome, number) WHERE outcome IS NOT NULL;
        CREATE INDEX monitoring_step_reverses ON monitoring_step (reverses) WHERE reverses IS NOT NULL;
        CREATE INDEX monitoring_step_rules ON monitoring_step (number) WHERE kind = 'rules';

        CREATE TABLE monitoring_rule_set (
          id TEXT PRIMARY KEY NOT NULL,
          digest TEXT NOT NULL CHECK (length(digest) = 64),
          note TEXT NOT NULL,
          documents TEXT NOT NULL,
          book TEXT NOT NULL,
          book_version TEXT NOT NULL,
          status TEXT NOT NULL CHECK (status IN ('draft', 'approved', 'active')),
          active_from INTEGER,
          made_by TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE monitoring_content (
          sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
          json BLOB NOT NULL
        ) STRICT;

        CREATE TRIGGER monitoring_step_immutable BEFORE UPDATE ON monitoring_step
        BEGIN SELECT RAISE(ABORT, 'a step is never changed'); END;

        CREATE TRIGGER monitoring_content_immutable BEFORE UPDATE ON monitoring_content
        BEGIN SELECT RAISE(ABORT, 'content under a hash is never changed'); END;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
