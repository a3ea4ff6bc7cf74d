using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>
/// Groups of the institution's directory, and failed sign-ins that nodes tell each other, in the embedded store.
/// </summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128040000_Directory")]
internal sealed class DirectoryMigration : Migration
{
    private const string Tables = """
        CREATE TABLE directory_group (
          id TEXT PRIMARY KEY NOT NULL,
          display_name TEXT NOT NULL UNIQUE,
          external_id TEXT,
          created_at INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE directory_member (
          group_id TEXT NOT NULL REFERENCES directory_group (id) ON DELETE CASCADE,
          user_id TEXT NOT NULL REFERENCES user_account (id),
          PRIMARY KEY (group_id, user_id)
        ) STRICT;

        CREATE INDEX directory_member_user ON directory_member (user_id);

        CREATE TABLE sign_in_lane (
          lane TEXT NOT NULL,
          node TEXT NOT NULL,
          failures INTEGER NOT NULL,
          last INTEGER NOT NULL,
          PRIMARY KEY (lane, node)
        ) STRICT;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
