using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Who read what, what was found in it, and emergencies, on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261125020000_Monitoring")]
internal sealed class MonitoringMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.reading_count (
          person text NOT NULL,
          span text NOT NULL CHECK (span IN ('hour', 'day')),
          start bigint NOT NULL,
          records bigint NOT NULL,
          requests bigint NOT NULL,
          denied bigint NOT NULL,
          PRIMARY KEY (person, span, start)
        );

        CREATE TABLE probity.access_view (
          subject text NOT NULL,
          seq bigint NOT NULL,
          read_entry text NOT NULL,
          type text NOT NULL,
          actor_type text NOT NULL,
          actor_id text NOT NULL,
          person text,
          at bigint NOT NULL,
          PRIMARY KEY (subject, seq)
        );

        CREATE TABLE probity.access_relation (
          id text PRIMARY KEY,
          person text NOT NULL REFERENCES probity.user_account (id),
          subject text NOT NULL,
          kind text NOT NULL CHECK (kind IN ('self', 'relative', 'own_account')),
          created_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE INDEX access_relation_person ON probity.access_relation (person);

        CREATE TABLE probity.access_finding (
          id text PRIMARY KEY,
          kind text NOT NULL,
          key text NOT NULL UNIQUE,
          person text NOT NULL,
          at bigint NOT NULL,
          seq bigint NOT NULL,
          observed bigint NOT NULL,
          threshold bigint NOT NULL,
          about text,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.reading_policy (
          id text PRIMARY KEY CHECK (id = 'reading'),
          work_from integer NOT NULL,
          work_to integer NOT NULL,
          work_days text NOT NULL,
          reason_for text NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.break_glass (
          id text PRIMARY KEY,
          person text NOT NULL REFERENCES probity.user_account (id),
          permissions text NOT NULL,
          reason text NOT NULL,
          started_at bigint NOT NULL,
          ends_at bigint NOT NULL,
          review_id text NOT NULL REFERENCES probity.approval (id),
          reviewed_at bigint,
          entry_id text NOT NULL
        );

        CREATE INDEX break_glass_person ON probity.break_glass (person, ends_at);

        GRANT SELECT, INSERT, UPDATE ON probity.reading_count, probity.access_view, probity.access_finding, probity.reading_policy,
          probity.break_glass TO probity_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON probity.access_relation TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
