using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Finds the steps that raised an alert by their rule; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128110000_AlertedSteps")]
internal sealed class AlertedStepMigration : Migration
{
    private const string Index = """
        CREATE INDEX monitoring_step_alert_rule ON probity.monitoring_step (alert_rule, number)
          WHERE alert_rule IS NOT NULL;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Index);
}
