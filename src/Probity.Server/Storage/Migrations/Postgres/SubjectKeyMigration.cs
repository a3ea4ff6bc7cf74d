using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>
/// Keys of persons and versions of key-encryption keys, on PostgreSQL. The trigger holds the wrapping key's row while a
/// new key is written, so that a rotation on another node cannot destroy it in that instant.
/// </summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128010000_SubjectKey")]
internal sealed class SubjectKeyMigration : Migration
{
    private const string Changes = """
        ALTER TABLE probity.data_key ADD COLUMN subject text, ADD COLUMN version integer;
        UPDATE probity.data_key SET version = 1 WHERE kind = 'kek';
        CREATE INDEX data_key_subject ON probity.data_key (subject) WHERE subject IS NOT NULL;
        CREATE INDEX data_key_wrapped_by ON probity.data_key (wrapped_by) WHERE wrapped_by IS NOT NULL;

        CREATE FUNCTION probity.require_wrapper() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
        BEGIN
          PERFORM 1 FROM probity.data_key WHERE id = NEW.wrapped_by AND state <> 'destroyed' FOR SHARE;
          IF NOT FOUND THEN
            RAISE EXCEPTION 'data_key: the wrapping key has been destroyed' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END $$;

        CREATE TRIGGER wrapper_is_there BEFORE INSERT ON probity.data_key
          FOR EACH ROW WHEN (NEW.wrapped_by IS NOT NULL AND NEW.state <> 'destroyed')
          EXECUTE FUNCTION probity.require_wrapper();
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Changes);
}
