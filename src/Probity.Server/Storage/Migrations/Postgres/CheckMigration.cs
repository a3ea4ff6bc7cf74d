using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>What the checks of a customer came to, and the order in which scorecards were agreed to;
/// on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128210000_Checks")]
internal sealed class CheckMigration : Migration
{
    // Those who have it from before are looked at again by the sweep of ratings, which fills it in.
    private const string Columns = """
        ALTER TABLE probity.customer_record ADD COLUMN checks text;
        UPDATE probity.customer_record SET standing_version = 0 WHERE onboarding IS NOT NULL;

        ALTER TABLE probity.customer_scorecard ADD COLUMN agreed_number integer;
        UPDATE probity.customer_scorecard SET agreed_number = (
          SELECT count(*) FROM probity.customer_scorecard AS other
          WHERE other.active_from < customer_scorecard.active_from
            OR (other.active_from = customer_scorecard.active_from AND other.id <= customer_scorecard.id))
          WHERE state = 'approved';
        CREATE UNIQUE INDEX customer_scorecard_agreed ON probity.customer_scorecard (agreed_number);
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Columns);
}
