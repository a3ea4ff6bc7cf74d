using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Packed steps of monitoring, for the next start; in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128140000_StepPacks")]
internal sealed class PackMigration : Migration
{
    private const string Table = """
        CREATE TABLE monitoring_pack (
          first_seq INTEGER PRIMARY KEY NOT NULL,
          last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
          last_number INTEGER NOT NULL,
          steps INTEGER NOT NULL,
          last_hash BLOB NOT NULL CHECK (length(last_hash) = 32),
          purged INTEGER NOT NULL,
          keys BLOB NOT NULL,
          format INTEGER NOT NULL,
          key_id TEXT,
          content BLOB NOT NULL
        ) STRICT;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Table);
}
