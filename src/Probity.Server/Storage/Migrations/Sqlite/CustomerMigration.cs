using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Customers, the words they are found by, and alerts; in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128050000_Customers")]
internal sealed class CustomerMigration : Migration
{
    private const string Tables = """
        CREATE TABLE customer_record (
          id TEXT PRIMARY KEY NOT NULL,
          external_id TEXT NOT NULL UNIQUE,
          kind TEXT NOT NULL CHECK (kind IN ('person', 'organisation')),
          legal_entity TEXT,
          state TEXT NOT NULL CHECK (state IN ('active', 'erased')),
          version INTEGER NOT NULL CHECK (version > 0),
          key_id TEXT,
          sealed BLOB NOT NULL,
          created_at INTEGER NOT NULL,
          updated_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX customer_record_updated ON customer_record (updated_at);

        CREATE TABLE customer_term (
          customer_id TEXT NOT NULL REFERENCES customer_record (id),
          term INTEGER NOT NULL,
          PRIMARY KEY (customer_id, term)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX customer_term_term ON customer_term (term, customer_id);

        CREATE TABLE case_alert (
          id TEXT PRIMARY KEY NOT NULL,
          source TEXT NOT NULL,
          kind TEXT NOT NULL,
          fold_key TEXT NOT NULL,
          subject_type TEXT NOT NULL,
          subject_id TEXT NOT NULL,
          legal_entity TEXT,
          severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
          route TEXT NOT NULL,
          evidence TEXT NOT NULL,
          reference TEXT,
          count INTEGER NOT NULL CHECK (count > 0),
          status TEXT NOT NULL CHECK (status IN ('open', 'escalated', 'closed')),
          decision TEXT,
          reason_code TEXT,
          decided_by TEXT,
          decided_at INTEGER,
          raised_at INTEGER NOT NULL,
          last_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          CHECK (status <> 'closed' OR decision IS NOT NULL)
        ) STRICT;

        -- Of two that raise the same alert at once one waits: repeats fold into one open alert.
        CREATE UNIQUE INDEX case_alert_fold ON case_alert (source, fold_key) WHERE status <> 'closed';
        CREATE INDEX case_alert_subject ON case_alert (subject_id);
        CREATE INDEX case_alert_status ON case_alert (status, id);
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
