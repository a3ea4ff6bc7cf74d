using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>
/// Which customers changed in what a decision rests on, in the order of commits; in the embedded store. Triggers write
/// it, so that no writer can leave it out. The newest 65,536 are kept: who was away for longer reads everything anew.
/// </summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128220000_PartyChanges")]
internal sealed class PartyChangeMigration : Migration
{
    private const string Tables = """
        CREATE TABLE party_change (
          n INTEGER PRIMARY KEY NOT NULL,
          customer_id TEXT NOT NULL
        ) STRICT;

        CREATE TRIGGER party_change_bound AFTER INSERT ON party_change
        BEGIN DELETE FROM party_change WHERE n <= new.n - 65536; END;

        CREATE TRIGGER party_change_customer_new AFTER INSERT ON customer_record
        BEGIN INSERT INTO party_change (customer_id) VALUES (new.id); END;
        CREATE TRIGGER party_change_customer AFTER UPDATE OF state, version, sealed, rating, review_due_on,
          onboarding, checks ON customer_record
        BEGIN INSERT INTO party_change (customer_id) VALUES (new.id); END;
        -- Whoever is nobody's there says that all of them may have changed.
        CREATE TRIGGER party_change_customer_number AFTER UPDATE OF id, external_id ON customer_record
        BEGIN INSERT INTO party_change (customer_id) VALUES (''); END;
        CREATE TRIGGER party_change_customer_gone AFTER DELETE ON customer_record
        BEGIN INSERT INTO party_change (customer_id) VALUES (old.id); END;

        CREATE TRIGGER party_change_result_new AFTER INSERT ON screening_result
        BEGIN INSERT INTO party_change (customer_id) VALUES (new.customer_id); END;
        CREATE TRIGGER party_change_result AFTER UPDATE OF customer_version ON screening_result
        BEGIN INSERT INTO party_change (customer_id) VALUES (new.customer_id); END;
        CREATE TRIGGER party_change_result_gone AFTER DELETE ON screening_result
        BEGIN INSERT INTO party_change (customer_id) VALUES (old.customer_id); END;

        CREATE TRIGGER party_change_hit_new AFTER INSERT ON screening_hit
        BEGIN INSERT INTO party_change (customer_id) VALUES (new.customer_id); END;
        CREATE TRIGGER party_change_hit AFTER UPDATE OF status ON screening_hit
        BEGIN INSERT INTO party_change (customer_id) VALUES (new.customer_id); END;
        CREATE TRIGGER party_change_hit_gone AFTER DELETE ON screening_hit
        BEGIN INSERT INTO party_change (customer_id) VALUES (old.customer_id); END;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
