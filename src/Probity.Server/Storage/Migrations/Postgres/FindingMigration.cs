using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>
/// Finds what is asked for every few seconds: what was found of customers lately, and keys that were destroyed;
/// on PostgreSQL.
/// </summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261130200000_Findings")]
internal sealed class FindingMigration : Migration
{
    private const string Indexes = """
        CREATE INDEX case_alert_raised ON probity.case_alert (raised_at);
        CREATE INDEX case_alert_decided ON probity.case_alert (decided_at) WHERE decided_at IS NOT NULL;
        CREATE INDEX screening_hit_updated ON probity.screening_hit (updated_at);
        CREATE INDEX data_key_destroyed ON probity.data_key (id) WHERE state = 'destroyed';
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Indexes);
}
