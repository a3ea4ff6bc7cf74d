using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Sanctions lists: versions, their content, which is live, when they were looked for; in the embedded
/// store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128040000_Lists")]
internal sealed class ListMigration : Migration
{
    private const string Tables = """
        CREATE TABLE screening_list_version (
          id TEXT PRIMARY KEY NOT NULL,
          list TEXT NOT NULL,
          sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
          format TEXT NOT NULL,
          published_on TEXT,
          entries INTEGER NOT NULL CHECK (entries > 0),
          added INTEGER NOT NULL,
          removed INTEGER NOT NULL,
          changed INTEGER NOT NULL,
          accepted TEXT NOT NULL,
          missing_parts TEXT NOT NULL,
          parts TEXT NOT NULL,
          loaded_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          UNIQUE (list, sha256)
        ) STRICT;

        CREATE TABLE screening_list (
          list TEXT PRIMARY KEY NOT NULL,
          version_id TEXT NOT NULL REFERENCES screening_list_version (id),
          activated_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE screening_list_content (
          sha256 TEXT PRIMARY KEY NOT NULL,
          gzip BLOB NOT NULL
        ) STRICT;

        CREATE TABLE screening_list_feed (
          list TEXT PRIMARY KEY NOT NULL,
          checked_at INTEGER,
          etag TEXT,
          last_modified TEXT,
          last_fault TEXT
        ) STRICT;

        CREATE TRIGGER screening_list_version_immutable BEFORE UPDATE ON screening_list_version
        BEGIN SELECT RAISE(ABORT, 'a version of a list is never changed'); END;

        CREATE TRIGGER screening_list_content_immutable BEFORE UPDATE ON screening_list_content
        BEGIN SELECT RAISE(ABORT, 'the content of a list is never changed'); END;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
