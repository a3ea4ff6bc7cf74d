using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>What drafts were drawn from, and what rules in shadow would have alerted on; in the embedded
/// store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128180000_Bases")]
internal sealed class BaseMigration : Migration
{
    private const string Columns = """
        ALTER TABLE monitoring_rule_set ADD COLUMN base_id TEXT;
        ALTER TABLE customer_scorecard ADD COLUMN base_id TEXT;
        ALTER TABLE screening_configuration ADD COLUMN base_id TEXT;
        ALTER TABLE monitoring_step ADD COLUMN shadow_rule TEXT;

        CREATE INDEX monitoring_step_shadow_rule ON monitoring_step (shadow_rule, number)
          WHERE shadow_rule IS NOT NULL;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Columns);
}
