using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Who read what, what was found in it, and emergencies, in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261125020000_Monitoring")]
internal sealed class MonitoringMigration : Migration
{
    private const string Tables = """
        CREATE TABLE reading_count (
          person TEXT NOT NULL,
          span TEXT NOT NULL CHECK (span IN ('hour', 'day')),
          start INTEGER NOT NULL,
          records INTEGER NOT NULL,
          requests INTEGER NOT NULL,
          denied INTEGER NOT NULL,
          PRIMARY KEY (person, span, start)
        ) STRICT;

        CREATE TABLE access_view (
          subject TEXT NOT NULL,
          seq INTEGER NOT NULL,
          read_entry TEXT NOT NULL,
          type TEXT NOT NULL,
          actor_type TEXT NOT NULL,
          actor_id TEXT NOT NULL,
          person TEXT,
          at INTEGER NOT NULL,
          PRIMARY KEY (subject, seq)
        ) STRICT;

        CREATE TABLE access_relation (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES user_account (id),
          subject TEXT NOT NULL,
          kind TEXT NOT NULL CHECK (kind IN ('self', 'relative', 'own_account')),
          created_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX access_relation_person ON access_relation (person);

        CREATE TABLE access_finding (
          id TEXT PRIMARY KEY NOT NULL,
          kind TEXT NOT NULL,
          key TEXT NOT NULL UNIQUE,
          person TEXT NOT NULL,
          at INTEGER NOT NULL,
          seq INTEGER NOT NULL,
          observed INTEGER NOT NULL,
          threshold INTEGER NOT NULL,
          about TEXT,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE reading_policy (
          id TEXT PRIMARY KEY NOT NULL CHECK (id = 'reading'),
          work_from INTEGER NOT NULL,
          work_to INTEGER NOT NULL,
          work_days TEXT NOT NULL,
          reason_for TEXT NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE break_glass (
          id TEXT PRIMARY KEY NOT NULL,
          person TEXT NOT NULL REFERENCES user_account (id),
          permissions TEXT NOT NULL,
          reason TEXT NOT NULL,
          started_at INTEGER NOT NULL,
          ends_at INTEGER NOT NULL,
          review_id TEXT NOT NULL REFERENCES approval (id),
          reviewed_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX break_glass_person ON break_glass (person, ends_at);
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
