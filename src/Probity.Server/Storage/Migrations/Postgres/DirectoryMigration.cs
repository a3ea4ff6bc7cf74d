using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>
/// Groups of the institution's directory, and failed sign-ins that nodes tell each other, on PostgreSQL.
/// </summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128040000_Directory")]
internal sealed class DirectoryMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.directory_group (
          id text PRIMARY KEY,
          display_name text NOT NULL UNIQUE,
          external_id text,
          created_at bigint NOT NULL,
          revision bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.directory_member (
          group_id text NOT NULL REFERENCES probity.directory_group (id) ON DELETE CASCADE,
          user_id text NOT NULL REFERENCES probity.user_account (id),
          PRIMARY KEY (group_id, user_id)
        );

        CREATE INDEX directory_member_user ON probity.directory_member (user_id);

        CREATE TABLE probity.sign_in_lane (
          lane text NOT NULL,
          node text NOT NULL,
          failures bigint NOT NULL,
          last bigint NOT NULL,
          PRIMARY KEY (lane, node)
        );

        GRANT SELECT, INSERT, UPDATE, DELETE
          ON probity.directory_group, probity.directory_member, probity.sign_in_lane TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
