using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>
/// Finds what is asked for every few seconds: what was found of customers lately, and keys that were destroyed;
/// in the embedded store.
/// </summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261130200000_Findings")]
internal sealed class FindingMigration : Migration
{
    private const string Indexes = """
        CREATE INDEX case_alert_raised ON case_alert (raised_at);
        CREATE INDEX case_alert_decided ON case_alert (decided_at) WHERE decided_at IS NOT NULL;
        CREATE INDEX screening_hit_updated ON screening_hit (updated_at);
        CREATE INDEX data_key_destroyed ON data_key (id) WHERE state = 'destroyed';
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Indexes);
}
