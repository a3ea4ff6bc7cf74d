using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Keys of persons and versions of key-encryption keys, in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128010000_SubjectKey")]
internal sealed class SubjectKeyMigration : Migration
{
    private const string Changes = """
        ALTER TABLE data_key ADD COLUMN subject TEXT;
        ALTER TABLE data_key ADD COLUMN version INTEGER;
        UPDATE data_key SET version = 1 WHERE kind = 'kek';
        CREATE INDEX data_key_subject ON data_key (subject) WHERE subject IS NOT NULL;
        CREATE INDEX data_key_wrapped_by ON data_key (wrapped_by) WHERE wrapped_by IS NOT NULL;

        CREATE TRIGGER data_key_wrapper_is_there BEFORE INSERT ON data_key
        WHEN NEW.wrapped_by IS NOT NULL AND NEW.state <> 'destroyed'
          AND NOT EXISTS (SELECT 1 FROM data_key WHERE id = NEW.wrapped_by AND state <> 'destroyed')
        BEGIN SELECT RAISE(ABORT, 'data_key: the wrapping key has been destroyed'); END;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Changes);
}
