using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>What drafts were drawn from, and what rules in shadow would have alerted on; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128180000_Bases")]
internal sealed class BaseMigration : Migration
{
    private const string Columns = """
        ALTER TABLE probity.monitoring_rule_set ADD COLUMN base_id text;
        ALTER TABLE probity.customer_scorecard ADD COLUMN base_id text;
        ALTER TABLE probity.screening_configuration ADD COLUMN base_id text;
        ALTER TABLE probity.monitoring_step ADD COLUMN shadow_rule text;

        CREATE INDEX monitoring_step_shadow_rule ON probity.monitoring_step (shadow_rule, number)
          WHERE shadow_rule IS NOT NULL;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Columns);
}
