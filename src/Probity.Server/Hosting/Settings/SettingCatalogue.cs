using System.Net;
using Probity.Ledger.Notes;
using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Settings;

/// <summary>Every environment variable Probity reads, in the order they are documented.</summary>
internal static class SettingCatalogue
{
    public static readonly Setting<StoreAddress> Database = new()
    {
        Name = "AUDIT_DATABASE_URL",
        Meaning = "Where the ledger is stored",
        WhenUnset = "SQLite in `AUDIT_DATA_DIR`",
        Rule = "postgresql://… or postgres://… (a +driver suffix is ignored), an Npgsql key=value string, "
            + "or sqlite:///relative/path, sqlite:////absolute/path",
        Example = "postgresql://probity:…@db.bank.internal:5432/probity?sslmode=verify-full",
        IsSecret = true,
        Show = StoreAddress.Mask,
        Read = StoreAddress.Read,
    };

    public static readonly Setting<RedisAddress> Redis = new()
    {
        Name = "AUDIT_REDIS_URL",
        Meaning = "Redis for caches and live push between nodes; so far it is checked and used by nothing",
        WhenUnset = "in-process",
        Rule = "redis://, rediss:// or unix:// with a host or path",
        Example = "rediss://:…@redis.bank.internal:6380/0",
        IsSecret = true,
        Show = StoreAddress.Mask,
        Read = RedisAddress.Read,
    };

    public static readonly Setting<KeyBytes> SecretKey = new()
    {
        Name = "AUDIT_SECRET_KEY",
        Meaning = "Signs sessions, page tokens and links",
        WhenUnset = "made at the first start in `AUDIT_DATA_DIR/keys/secret.key`",
        Rule = "at least 32 random bytes, as hex or base64",
        Example = "openssl rand -hex 32",
        IsSecret = true,
        Show = static _ => "****",
        Read = KeyText.ReadSecret,
    };

    public static readonly Setting<KeyBytes> EncryptionKey = new()
    {
        Name = "AUDIT_ENCRYPTION_KEY",
        Meaning = "The root key: every other key is wrapped under it",
        WhenUnset = "made at the first start in `AUDIT_DATA_DIR/keys/encryption.key`",
        Rule = "exactly 32 random bytes: 64 hex digits, base64, or raw text of exactly 32 bytes",
        Example = "openssl rand -hex 32",
        IsSecret = true,
        Show = static _ => "****",
        Read = KeyText.ReadRoot,
    };

    public static readonly Setting<TokenUri> KeyProvider = new()
    {
        Name = "AUDIT_KEY_PROVIDER",
        Meaning = "A device that holds the root key instead of `AUDIT_ENCRYPTION_KEY`",
        WhenUnset = "the root key is in `AUDIT_ENCRYPTION_KEY` or its file",
        Rule = "a PKCS#11 URI (RFC 7512) with token, object, module-path and pin-source=file:/…",
        Example = "pkcs11:token=bank;object=probity-root?module-path=/usr/lib/softhsm/libsofthsm2.so"
            + "&pin-source=file:/run/secrets/pin",
        Read = TokenUri.Read,
    };

    public static readonly Setting<RetentionPeriod> Retention = new()
    {
        Name = "AUDIT_RETENTION_DAYS",
        Meaning = "How long events are kept at least",
        Default = "2555",
        Rule = "whole days from 1 to 36525, or calendar years such as 7y",
        Example = "7y",
        Read = RetentionPeriod.Read,
    };

    public static readonly Setting<decimal> RiskThreshold = new()
    {
        Name = "AML_RISK_THRESHOLD",
        Meaning = "The risk score from which a transaction goes to review",
        Default = "0.7",
        Rule = "a decimal from 0 to 1 with a point",
        Example = "0.85",
        Read = PlainValues.ReadFraction,
    };

    public static readonly Setting<string> HomeJurisdiction = new()
    {
        Name = "AML_HOME_JURISDICTION",
        Meaning = "The law that accounts are under of which none is known",
        Default = "US",
        Rule = "two capitals of ISO 3166-1",
        Example = "DE",
        Read = PlainValues.ReadCountry,
    };

    public static readonly Setting<IReadOnlyList<VerifierKey>> PackKeys = new()
    {
        Name = "AML_PACK_KEYS",
        Meaning = "Whose update packs of rules and reference data are believed",
        WhenUnset = "no update pack is taken in",
        Rule = "verifier keys of signed notes (name+id+key), several separated by ;",
        Example = "example.com/rules+26da53fa+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
        Read = Values.PackKeys.Read,
    };

    public static readonly Setting<bool> EnableEncryption = new()
    {
        Name = "AUDIT_ENABLE_ENCRYPTION",
        Meaning = "Encrypts classified fields of new events; off refuses erasure later",
        Default = "true",
        Rule = "true, false, 1 or 0",
        Example = "true",
        Read = PlainValues.ReadSwitch,
    };

    public static readonly Setting<string> DataDir = new()
    {
        Name = "AUDIT_DATA_DIR",
        Meaning = "The data folder: keys, lock, embedded store",
        Default = "probity-data",
        Rule = "a folder that can be written, absolute or relative to where the server starts",
        Example = "/var/lib/probity",
        Read = PlainValues.ReadFolder,
    };

    public static readonly Setting<IReadOnlyList<Uri>> Urls = new()
    {
        Name = "AUDIT_URLS",
        Meaning = "Where the server listens",
        Default = "http://127.0.0.1:8080",
        Rule = "http://host:port, several separated by ; (put TLS in front for other than loopback)",
        Example = "http://0.0.0.0:8080",
        Read = UrlValues.ReadListening,
    };

    public static readonly Setting<Uri> PublicUrl = new()
    {
        Name = "AUDIT_PUBLIC_URL",
        Meaning = "The address under which people and clients reach the server",
        WhenUnset = "the first of `AUDIT_URLS`",
        Rule = "an absolute http:// or https:// URL without query",
        Example = "https://audit.bank.example",
        Read = UrlValues.ReadPublic,
    };

    public static readonly Setting<IReadOnlyList<IPNetwork>> TrustedProxies = new()
    {
        Name = "AUDIT_TRUSTED_PROXIES",
        Meaning = "Proxies whose X-Forwarded-For tells the caller's address",
        WhenUnset = "none: the address that connects is the caller's",
        Rule = "IP addresses or networks, separated by commas, none wider than /8 (IPv4) or /16 (IPv6)",
        Example = "10.20.0.5,fd00:1::/64",
        Read = NetworkValues.Read,
    };

    public static readonly Setting<LogFormat> LogFormat = new()
    {
        Name = "AUDIT_LOG_FORMAT",
        Meaning = "How log lines are written",
        Default = "text",
        Rule = "text or json",
        Example = "json",
        Read = PlainValues.ReadChoice<LogFormat>,
    };

    public static readonly Setting<TimeZoneInfo> TimeZone = new()
    {
        Name = "AUDIT_TIME_ZONE",
        Meaning = "The zone of business days and deadlines; records are always UTC",
        Default = "UTC",
        Rule = "an IANA time zone name",
        Example = "Europe/Zurich",
        Read = PlainValues.ReadTimeZone,
    };

    public static readonly Setting<EventSchemaMode> EventSchemas = new()
    {
        Name = "AUDIT_EVENT_SCHEMAS",
        Meaning = "Whether events are checked against the JSON Schema of their action",
        Default = "off",
        Rule = "off, warn or enforce",
        Example = "enforce",
        Read = PlainValues.ReadChoice<EventSchemaMode>,
    };

    public static readonly Setting<IReadOnlyList<ListFeed>> ListFeeds = new()
    {
        Name = "AUDIT_LIST_FEEDS",
        Meaning = "Sanctions lists that are fetched from their publishers, every 4 hours",
        WhenUnset = "none; lists are loaded by hand or from `AUDIT_DATA_DIR/lists/drop`",
        Rule = "NAME=URL, several URLs of one list separated by blanks, several lists by ;, "
            + "all https:// (http:// to this machine only)",
        Example = "un_sc=https://scsanctions.un.org/resources/xml/en/consolidated.xml",
        IsSecret = true,
        Show = ListFeed.Mask,
        Read = ListFeed.Read,
    };

    public static readonly Setting<bool> ListsActivate = new()
    {
        Name = "AUDIT_LISTS_ACTIVATE",
        Meaning = "Whether a fetched list in which the guard finds nothing goes live at once",
        Default = "true",
        Rule = "true, false, 1 or 0",
        Example = "false",
        Read = PlainValues.ReadSwitch,
    };

    public static readonly Setting<bool> RequireSecondFactor = new()
    {
        Name = "AUDIT_REQUIRE_SECOND_FACTOR",
        Meaning = "Whether people who sign in with a password need a second factor; "
            + "until one is set up only the account opens",
        Default = "false",
        Rule = "true, false, 1 or 0",
        Example = "true",
        Read = PlainValues.ReadSwitch,
    };

    public static readonly Setting<Uri> OidcAuthority = new()
    {
        Name = "AUDIT_OIDC_AUTHORITY",
        Meaning = "The issuer of the OpenID provider at which people sign in",
        WhenUnset = "people sign in with password or passkey alone",
        Rule = "an https:// URL without query, exactly the issuer of the provider (http:// on this machine only)",
        Example = "https://login.bank.example/realms/staff",
        Show = StoreAddress.Mask,
        Read = UrlValues.ReadAuthority,
    };

    public static readonly Setting<string> OidcClientId = new()
    {
        Name = "AUDIT_OIDC_CLIENT_ID",
        Meaning = "What the OpenID provider calls this installation",
        WhenUnset = "required with `AUDIT_OIDC_AUTHORITY`",
        Rule = "1 to 200 printable ASCII characters without spaces",
        Example = "probity",
        Read = PlainValues.ReadToken,
    };

    public static readonly Setting<string> OidcClientSecret = new()
    {
        Name = "AUDIT_OIDC_CLIENT_SECRET",
        Meaning = "Proves this installation to the OpenID provider",
        WhenUnset = "a public client, protected by PKCE alone",
        Rule = "1 to 200 printable ASCII characters without spaces",
        Example = "the-secret-that-the-provider-gave",
        IsSecret = true,
        Show = static _ => "****",
        Read = PlainValues.ReadToken,
    };

    public static readonly Setting<string> OidcGroupsClaim = new()
    {
        Name = "AUDIT_OIDC_GROUPS_CLAIM",
        Meaning = "The claim of the ID token that lists a person's groups",
        Default = "groups",
        Rule = "1 to 200 printable ASCII characters without spaces",
        Example = "roles",
        Read = PlainValues.ReadToken,
    };

    public static readonly Setting<string> OidcLabel = new()
    {
        Name = "AUDIT_OIDC_LABEL",
        Meaning = "What the button of the OpenID provider says after \"Sign in with\"",
        Default = "single sign-on",
        Rule = "1 to 40 characters without control characters",
        Example = "Bank Login",
        Read = PlainValues.ReadLabel,
    };

    public static readonly Setting<GroupRoleMap> GroupRoles = new()
    {
        Name = "AUDIT_GROUP_ROLES",
        Meaning = "Which role a group of the OpenID provider or SCIM client stands for",
        WhenUnset = "groups give no role",
        Rule = "GROUP=role or GROUP=role@ENTITY+ENTITY, several separated by ;",
        Example = "aml-team=analyst@DE01+FR01;mlro=compliance_officer",
        Read = GroupRoleMap.Read,
    };

    public static IReadOnlyList<Setting> All { get; } =
    [
        Database, Redis, SecretKey, EncryptionKey, KeyProvider, Retention, RiskThreshold, HomeJurisdiction,
        PackKeys, EnableEncryption, DataDir, Urls, PublicUrl, TrustedProxies, LogFormat, TimeZone, EventSchemas, OidcAuthority,
        OidcClientId, OidcClientSecret, OidcGroupsClaim, OidcLabel, GroupRoles, ListFeeds, ListsActivate,
        RequireSecondFactor,
    ];

    /// <summary>Every name that may be set, the <c>_FILE</c> ones included.</summary>
    public static IEnumerable<string> Names => All.SelectMany(s => s.FileName is null ? [s.Name] : (string[])[s.Name, s.FileName]);
}
