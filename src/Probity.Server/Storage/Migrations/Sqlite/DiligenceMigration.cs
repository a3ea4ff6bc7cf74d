using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>Scorecards, ratings, overrides, reviews, checks and relationships of customers; in the embedded
/// store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261128140000_Diligence")]
internal sealed class DiligenceMigration : Migration
{
    private const string Tables = """
        ALTER TABLE customer_record ADD COLUMN rating TEXT CHECK (rating IN ('low', 'medium', 'high'));
        ALTER TABLE customer_record ADD COLUMN rating_id TEXT;
        ALTER TABLE customer_record ADD COLUMN rated_by TEXT;
        ALTER TABLE customer_record ADD COLUMN rated_at INTEGER;
        ALTER TABLE customer_record ADD COLUMN rerate_at INTEGER;
        ALTER TABLE customer_record ADD COLUMN standing_version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE customer_record ADD COLUMN review_due_on TEXT;
        ALTER TABLE customer_record ADD COLUMN documents_end_on TEXT;
        ALTER TABLE customer_record ADD COLUMN onboarding TEXT
          CHECK (onboarding IN ('pending', 'active', 'refused'));
        CREATE INDEX customer_record_review ON customer_record (review_due_on, id) WHERE review_due_on IS NOT NULL;
        CREATE INDEX customer_record_documents ON customer_record (documents_end_on, id)
          WHERE documents_end_on IS NOT NULL;
        CREATE INDEX customer_record_rerate ON customer_record (rerate_at) WHERE rerate_at IS NOT NULL;
        CREATE INDEX customer_record_standing ON customer_record (id) WHERE standing_version <> version;

        CREATE TABLE customer_scorecard (
          id TEXT PRIMARY KEY NOT NULL,
          name TEXT NOT NULL,
          sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
          json TEXT NOT NULL,
          note TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('draft', 'approved')),
          active_from INTEGER,
          made_by TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          CHECK (state = 'draft' OR active_from IS NOT NULL)
        ) STRICT;

        CREATE TABLE customer_rating_override (
          id TEXT PRIMARY KEY NOT NULL,
          customer_id TEXT NOT NULL REFERENCES customer_record (id),
          rating TEXT NOT NULL CHECK (rating IN ('low', 'medium', 'high')),
          approval_id TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('active', 'ended')),
          made_by TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        -- One holds at a time; another takes its place.
        CREATE UNIQUE INDEX customer_rating_override_active ON customer_rating_override (customer_id)
          WHERE state = 'active';

        CREATE TABLE customer_rating (
          id TEXT PRIMARY KEY NOT NULL,
          customer_id TEXT NOT NULL REFERENCES customer_record (id),
          number INTEGER NOT NULL CHECK (number > 0),
          customer_version INTEGER NOT NULL,
          scorecard_id TEXT NOT NULL REFERENCES customer_scorecard (id),
          score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 10000),
          computed TEXT NOT NULL CHECK (computed IN ('low', 'medium', 'high')),
          rating TEXT NOT NULL CHECK (rating IN ('low', 'medium', 'high')),
          override_id TEXT REFERENCES customer_rating_override (id),
          cause TEXT NOT NULL,
          inputs TEXT NOT NULL,
          rated_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          UNIQUE (customer_id, number)
        ) STRICT;

        CREATE TABLE customer_review (
          id TEXT PRIMARY KEY NOT NULL,
          customer_id TEXT NOT NULL REFERENCES customer_record (id),
          outcome TEXT NOT NULL,
          due_on TEXT,
          next_due_on TEXT,
          rating TEXT,
          rating_id TEXT,
          customer_version INTEGER NOT NULL,
          completed_by TEXT NOT NULL,
          completed_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX customer_review_customer ON customer_review (customer_id, completed_at);

        CREATE TABLE customer_check (
          id TEXT PRIMARY KEY NOT NULL,
          customer_id TEXT NOT NULL REFERENCES customer_record (id),
          kind TEXT NOT NULL,
          outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'waived')),
          approval_id TEXT,
          checked_by TEXT NOT NULL,
          checked_at INTEGER NOT NULL,
          valid_until TEXT,
          entry_id TEXT NOT NULL,
          CHECK (outcome <> 'waived' OR approval_id IS NOT NULL)
        ) STRICT;

        CREATE INDEX customer_check_customer ON customer_check (customer_id, checked_at);

        CREATE TABLE customer_link (
          id TEXT PRIMARY KEY NOT NULL,
          owner_id TEXT NOT NULL REFERENCES customer_record (id),
          owned_id TEXT NOT NULL REFERENCES customer_record (id),
          kind TEXT NOT NULL,
          millionths INTEGER CHECK (millionths BETWEEN 1 AND 1000000),
          since TEXT,
          made_by TEXT NOT NULL,
          made_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL,
          UNIQUE (owned_id, owner_id, kind),
          CHECK (owner_id <> owned_id),
          CHECK ((kind = 'owns') = (millionths IS NOT NULL))
        ) STRICT;

        CREATE INDEX customer_link_owner ON customer_link (owner_id);
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
