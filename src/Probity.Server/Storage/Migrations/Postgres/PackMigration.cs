using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Packed steps of monitoring, for the next start; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128140000_StepPacks")]
internal sealed class PackMigration : Migration
{
    private const string Table = """
        CREATE TABLE probity.monitoring_pack (
          first_seq bigint PRIMARY KEY,
          last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
          last_number bigint NOT NULL,
          steps integer NOT NULL,
          last_hash bytea NOT NULL CHECK (length(last_hash) = 32),
          purged bigint NOT NULL,
          keys bytea NOT NULL,
          format integer NOT NULL,
          key_id text,
          content bytea NOT NULL
        );

        GRANT SELECT, INSERT, DELETE ON probity.monitoring_pack TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Table);
}
