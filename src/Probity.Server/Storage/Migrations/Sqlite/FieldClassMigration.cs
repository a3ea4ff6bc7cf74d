using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>How members of events are kept, change by change; in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128110000_FieldClass")]
internal sealed class FieldClassMigration : Migration
{
    private const string Tables = """
        CREATE TABLE field_class (
          id TEXT PRIMARY KEY NOT NULL,
          version INTEGER NOT NULL UNIQUE CHECK (version > 0),
          pointer TEXT NOT NULL,
          class TEXT NOT NULL CHECK (class IN ('plain', 'encrypted', 'hashed', 'masked', 'default')),
          set_by TEXT NOT NULL,
          set_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
