using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>How members of events are kept, change by change; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128110000_FieldClass")]
internal sealed class FieldClassMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.field_class (
          id text PRIMARY KEY,
          version integer NOT NULL UNIQUE CHECK (version > 0),
          pointer text NOT NULL,
          class text NOT NULL CHECK (class IN ('plain', 'encrypted', 'hashed', 'masked', 'default')),
          set_by text NOT NULL,
          set_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        GRANT SELECT, INSERT ON probity.field_class TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
