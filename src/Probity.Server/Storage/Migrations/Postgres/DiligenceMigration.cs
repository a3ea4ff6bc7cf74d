using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>Scorecards, ratings, overrides, reviews, checks and relationships of customers; in PostgreSQL.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261128140000_Diligence")]
internal sealed class DiligenceMigration : Migration
{
    private const string Tables = """
        ALTER TABLE probity.customer_record ADD COLUMN rating text CHECK (rating IN ('low', 'medium', 'high'));
        ALTER TABLE probity.customer_record ADD COLUMN rating_id text;
        ALTER TABLE probity.customer_record ADD COLUMN rated_by text;
        ALTER TABLE probity.customer_record ADD COLUMN rated_at bigint;
        ALTER TABLE probity.customer_record ADD COLUMN rerate_at bigint;
        ALTER TABLE probity.customer_record ADD COLUMN standing_version integer NOT NULL DEFAULT 0;
        ALTER TABLE probity.customer_record ADD COLUMN review_due_on date;
        ALTER TABLE probity.customer_record ADD COLUMN documents_end_on date;
        ALTER TABLE probity.customer_record ADD COLUMN onboarding text
          CHECK (onboarding IN ('pending', 'active', 'refused'));
        CREATE INDEX customer_record_review ON probity.customer_record (review_due_on, id)
          WHERE review_due_on IS NOT NULL;
        CREATE INDEX customer_record_documents ON probity.customer_record (documents_end_on, id)
          WHERE documents_end_on IS NOT NULL;
        CREATE INDEX customer_record_rerate ON probity.customer_record (rerate_at) WHERE rerate_at IS NOT NULL;
        CREATE INDEX customer_record_standing ON probity.customer_record (id) WHERE standing_version <> version;

        CREATE TABLE probity.customer_scorecard (
          id text PRIMARY KEY,
          name text NOT NULL,
          sha256 text NOT NULL CHECK (length(sha256) = 64),
          json text NOT NULL,
          note text NOT NULL,
          state text NOT NULL CHECK (state IN ('draft', 'approved')),
          active_from bigint,
          made_by text NOT NULL,
          made_at bigint NOT NULL,
          entry_id text NOT NULL,
          CHECK (state = 'draft' OR active_from IS NOT NULL)
        );

        CREATE TABLE probity.customer_rating_override (
          id text PRIMARY KEY,
          customer_id text NOT NULL REFERENCES probity.customer_record (id),
          rating text NOT NULL CHECK (rating IN ('low', 'medium', 'high')),
          approval_id text NOT NULL,
          state text NOT NULL CHECK (state IN ('active', 'ended')),
          made_by text NOT NULL,
          made_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        -- One holds at a time; another takes its place.
        CREATE UNIQUE INDEX customer_rating_override_active ON probity.customer_rating_override (customer_id)
          WHERE state = 'active';

        CREATE TABLE probity.customer_rating (
          id text PRIMARY KEY,
          customer_id text NOT NULL REFERENCES probity.customer_record (id),
          number integer NOT NULL CHECK (number > 0),
          customer_version integer NOT NULL,
          scorecard_id text NOT NULL REFERENCES probity.customer_scorecard (id),
          score integer NOT NULL CHECK (score BETWEEN 0 AND 10000),
          computed text NOT NULL CHECK (computed IN ('low', 'medium', 'high')),
          rating text NOT NULL CHECK (rating IN ('low', 'medium', 'high')),
          override_id text REFERENCES probity.customer_rating_override (id),
          cause text NOT NULL,
          inputs text NOT NULL,
          rated_at bigint NOT NULL,
          entry_id text NOT NULL,
          UNIQUE (customer_id, number)
        );

        CREATE TABLE probity.customer_review (
          id text PRIMARY KEY,
          customer_id text NOT NULL REFERENCES probity.customer_record (id),
          outcome text NOT NULL,
          due_on date,
          next_due_on date,
          rating text,
          rating_id text,
          customer_version integer NOT NULL,
          completed_by text NOT NULL,
          completed_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE INDEX customer_review_customer ON probity.customer_review (customer_id, completed_at);

        CREATE TABLE probity.customer_check (
          id text PRIMARY KEY,
          customer_id text NOT NULL REFERENCES probity.customer_record (id),
          kind text NOT NULL,
          outcome text NOT NULL CHECK (outcome IN ('passed', 'failed', 'waived')),
          approval_id text,
          checked_by text NOT NULL,
          checked_at bigint NOT NULL,
          valid_until date,
          entry_id text NOT NULL,
          CHECK (outcome <> 'waived' OR approval_id IS NOT NULL)
        );

        CREATE INDEX customer_check_customer ON probity.customer_check (customer_id, checked_at);

        CREATE TABLE probity.customer_link (
          id text PRIMARY KEY,
          owner_id text NOT NULL REFERENCES probity.customer_record (id),
          owned_id text NOT NULL REFERENCES probity.customer_record (id),
          kind text NOT NULL,
          millionths integer CHECK (millionths BETWEEN 1 AND 1000000),
          since date,
          made_by text NOT NULL,
          made_at bigint NOT NULL,
          entry_id text NOT NULL,
          UNIQUE (owned_id, owner_id, kind),
          CHECK (owner_id <> owned_id),
          CHECK ((kind = 'owns') = (millionths IS NOT NULL))
        );

        CREATE INDEX customer_link_owner ON probity.customer_link (owner_id);

        GRANT SELECT, INSERT, UPDATE ON probity.customer_scorecard, probity.customer_rating_override TO probity_app;
        GRANT SELECT, INSERT ON probity.customer_rating, probity.customer_review, probity.customer_check TO probity_app;
        GRANT SELECT, INSERT, DELETE ON probity.customer_link TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
