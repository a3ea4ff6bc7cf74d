using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Sqlite;

/// <summary>People, their roles, sessions and passkeys, in the embedded store.</summary>
[DbContext(typeof(SqliteProbityDb))]
[Migration("20261125000000_Access")]
internal sealed class AccessMigration : Migration
{
    private const string Tables = """
        CREATE TABLE user_account (
          id TEXT PRIMARY KEY NOT NULL,
          login TEXT NOT NULL,
          login_key TEXT NOT NULL UNIQUE,
          name TEXT NOT NULL,
          email TEXT,
          password_hash TEXT,
          password_set_at INTEGER,
          security_stamp TEXT NOT NULL,
          totp_secret TEXT,
          totp_pending TEXT,
          totp_last_step INTEGER NOT NULL,
          recovery_codes TEXT,
          invitation_hash TEXT,
          invitation_expires_at INTEGER,
          external_subject TEXT UNIQUE,
          external_id TEXT,
          created_at INTEGER NOT NULL,
          disabled_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE user_passkey (
          id TEXT PRIMARY KEY NOT NULL,
          user_id TEXT NOT NULL REFERENCES user_account (id),
          name TEXT NOT NULL,
          public_key BLOB NOT NULL,
          sign_count INTEGER NOT NULL CHECK (sign_count >= 0),
          transports TEXT NOT NULL,
          is_user_verified INTEGER NOT NULL,
          is_backup_eligible INTEGER NOT NULL,
          is_backed_up INTEGER NOT NULL,
          attestation_object BLOB NOT NULL,
          client_data_json BLOB NOT NULL,
          created_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX user_passkey_user ON user_passkey (user_id);

        CREATE TABLE role (
          id TEXT PRIMARY KEY NOT NULL,
          name TEXT NOT NULL UNIQUE,
          description TEXT NOT NULL,
          permissions TEXT NOT NULL,
          is_built_in INTEGER NOT NULL,
          created_at INTEGER NOT NULL,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE role_grant (
          id TEXT PRIMARY KEY NOT NULL,
          user_id TEXT NOT NULL REFERENCES user_account (id),
          role_id TEXT NOT NULL REFERENCES role (id),
          scope TEXT NOT NULL,
          source TEXT NOT NULL CHECK (source IN ('person', 'oidc', 'scim', 'set_up')),
          granted_by TEXT NOT NULL,
          granted_at INTEGER NOT NULL,
          expires_at INTEGER,
          revoked_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX role_grant_user ON role_grant (user_id);

        CREATE TABLE session (
          id TEXT PRIMARY KEY NOT NULL,
          sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
          user_id TEXT NOT NULL REFERENCES user_account (id),
          method TEXT NOT NULL,
          client TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          last_seen_at INTEGER NOT NULL,
          strong_at INTEGER,
          revoked_at INTEGER,
          entry_id TEXT NOT NULL
        ) STRICT;

        CREATE INDEX session_by_user ON session (user_id);

        ALTER TABLE api_key ADD COLUMN owner_id TEXT REFERENCES user_account (id);

        CREATE TABLE access_creation (
          key TEXT PRIMARY KEY NOT NULL,
          request TEXT NOT NULL,
          made TEXT NOT NULL,
          created_at INTEGER NOT NULL
        ) STRICT;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
