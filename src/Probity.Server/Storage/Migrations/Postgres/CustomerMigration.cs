using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Customers, the words they are found by, and alerts; on PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128050000_Customers")]
internal sealed class CustomerMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.customer_record (
          id text PRIMARY KEY,
          external_id text NOT NULL UNIQUE,
          kind text NOT NULL CHECK (kind IN ('person', 'organisation')),
          legal_entity text,
          state text NOT NULL CHECK (state IN ('active', 'erased')),
          version integer NOT NULL CHECK (version > 0),
          key_id text,
          sealed bytea NOT NULL,
          created_at bigint NOT NULL,
          updated_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE INDEX customer_record_updated ON probity.customer_record (updated_at);

        CREATE TABLE probity.customer_term (
          customer_id text NOT NULL REFERENCES probity.customer_record (id),
          term bigint NOT NULL,
          PRIMARY KEY (customer_id, term)
        );

        CREATE INDEX customer_term_term ON probity.customer_term (term, customer_id);

        CREATE TABLE probity.case_alert (
          id text PRIMARY KEY,
          source text NOT NULL,
          kind text NOT NULL,
          fold_key text NOT NULL,
          subject_type text NOT NULL,
          subject_id text NOT NULL,
          legal_entity text,
          severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
          route text NOT NULL,
          evidence text NOT NULL,
          reference text,
          count integer NOT NULL CHECK (count > 0),
          status text NOT NULL CHECK (status IN ('open', 'escalated', 'closed')),
          decision text,
          reason_code text,
          decided_by text,
          decided_at bigint,
          raised_at bigint NOT NULL,
          last_at bigint NOT NULL,
          entry_id text NOT NULL,
          CHECK (status <> 'closed' OR decision IS NOT NULL)
        );

        -- Of two that raise the same alert at once one waits: repeats fold into one open alert.
        CREATE UNIQUE INDEX case_alert_fold ON probity.case_alert (source, fold_key) WHERE status <> 'closed';
        CREATE INDEX case_alert_subject ON probity.case_alert (subject_id);
        CREATE INDEX case_alert_status ON probity.case_alert (status, id);

        GRANT SELECT, INSERT, UPDATE ON probity.customer_record, probity.case_alert TO probity_app;
        GRANT SELECT, INSERT, DELETE ON probity.customer_term TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
