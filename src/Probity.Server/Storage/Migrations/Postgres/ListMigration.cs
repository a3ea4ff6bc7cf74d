using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Sanctions lists: versions, their content, which is live, when they were looked for; on
/// PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128040000_Lists")]
internal sealed class ListMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.screening_list_version (
          id text PRIMARY KEY,
          list text NOT NULL,
          sha256 text NOT NULL CHECK (length(sha256) = 64),
          format text NOT NULL,
          published_on text,
          entries integer NOT NULL CHECK (entries > 0),
          added integer NOT NULL,
          removed integer NOT NULL,
          changed integer NOT NULL,
          accepted text NOT NULL,
          missing_parts text NOT NULL,
          parts text NOT NULL,
          loaded_at bigint NOT NULL,
          entry_id text NOT NULL,
          UNIQUE (list, sha256)
        );

        CREATE TABLE probity.screening_list (
          list text PRIMARY KEY,
          version_id text NOT NULL REFERENCES probity.screening_list_version (id),
          activated_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.screening_list_content (
          sha256 text PRIMARY KEY,
          gzip bytea NOT NULL
        );

        CREATE TABLE probity.screening_list_feed (
          list text PRIMARY KEY,
          checked_at bigint,
          etag text,
          last_modified text,
          last_fault text
        );

        -- Versions and their content are never changed: the application may add and read them.
        GRANT SELECT, INSERT ON probity.screening_list_version, probity.screening_list_content TO probity_app;
        GRANT SELECT, INSERT, UPDATE ON probity.screening_list, probity.screening_list_feed TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
