using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Probity.Server.Storage.Migrations.Postgres;

/// <summary>People, their roles, sessions and passkeys, on PostgreSQL. Users, roles, grants and sessions are never deleted.</summary>
[DbContext(typeof(PostgresProbityDb))]
[Migration("20261125000000_Access")]
internal sealed class AccessMigration : Migration
{
    private const string Tables = """
        CREATE TABLE probity.user_account (
          id text PRIMARY KEY,
          login text NOT NULL,
          login_key text NOT NULL UNIQUE,
          name text NOT NULL,
          email text,
          password_hash text,
          password_set_at bigint,
          security_stamp text NOT NULL,
          totp_secret text,
          totp_pending text,
          totp_last_step bigint NOT NULL,
          recovery_codes text,
          invitation_hash text,
          invitation_expires_at bigint,
          external_subject text UNIQUE,
          external_id text,
          created_at bigint NOT NULL,
          disabled_at bigint,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.user_passkey (
          id text PRIMARY KEY,
          user_id text NOT NULL REFERENCES probity.user_account (id),
          name text NOT NULL,
          public_key bytea NOT NULL,
          sign_count bigint NOT NULL CHECK (sign_count >= 0),
          transports text NOT NULL,
          is_user_verified boolean NOT NULL,
          is_backup_eligible boolean NOT NULL,
          is_backed_up boolean NOT NULL,
          attestation_object bytea NOT NULL,
          client_data_json bytea NOT NULL,
          created_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE INDEX user_passkey_user ON probity.user_passkey (user_id);

        CREATE TABLE probity.role (
          id text PRIMARY KEY,
          name text NOT NULL UNIQUE,
          description text NOT NULL,
          permissions text NOT NULL,
          is_built_in boolean NOT NULL,
          created_at bigint NOT NULL,
          entry_id text NOT NULL
        );

        CREATE TABLE probity.role_grant (
          id text PRIMARY KEY,
          user_id text NOT NULL REFERENCES probity.user_account (id),
          role_id text NOT NULL REFERENCES probity.role (id),
          scope text NOT NULL,
          source text NOT NULL CHECK (source IN ('person', 'oidc', 'scim', 'set_up')),
          granted_by text NOT NULL,
          granted_at bigint NOT NULL,
          expires_at bigint,
          revoked_at bigint,
          entry_id text NOT NULL
        );

        CREATE INDEX role_grant_user ON probity.role_grant (user_id);

        CREATE TABLE probity.session (
          id text PRIMARY KEY,
          sha256 bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
          user_id text NOT NULL REFERENCES probity.user_account (id),
          method text NOT NULL,
          client text NOT NULL,
          created_at bigint NOT NULL,
          expires_at bigint NOT NULL,
          last_seen_at bigint NOT NULL,
          strong_at bigint,
          revoked_at bigint,
          entry_id text NOT NULL
        );

        CREATE INDEX session_by_user ON probity.session (user_id);

        ALTER TABLE probity.api_key ADD COLUMN owner_id text REFERENCES probity.user_account (id);

        CREATE TABLE probity.access_creation (
          key text PRIMARY KEY,
          request text NOT NULL,
          made text NOT NULL,
          created_at bigint NOT NULL
        );

        GRANT SELECT, INSERT, UPDATE ON probity.user_account, probity.role, probity.role_grant, probity.session TO probity_app;
        GRANT SELECT, INSERT ON probity.access_creation TO probity_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON probity.user_passkey TO probity_app;
        """;

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Tables);
}
