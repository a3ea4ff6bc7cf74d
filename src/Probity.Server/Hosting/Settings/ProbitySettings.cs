using System.Net;
using Probity.Ledger.Notes;
using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Settings;

/// <summary>What the operator configured, checked. Immutable; printing it shows no secret.</summary>
internal sealed record ProbitySettings
{
    public required StoreAddress Store { get; init; }

    /// <summary>Null means everything stays in the process.</summary>
    public RedisAddress? Redis { get; init; }

    /// <summary>Null until <see cref="KeyFiles.Complete"/> found or made it.</summary>
    public KeyBytes? SecretKey { get; init; }

    /// <summary>The root key; null until <see cref="KeyFiles.Complete"/> found or made it.</summary>
    public KeyBytes? EncryptionKey { get; init; }

    /// <summary>The device that holds the root key; null when it is <see cref="EncryptionKey"/>.</summary>
    public TokenUri? KeyProvider { get; init; }

    public required RetentionPeriod Retention { get; init; }

    public required decimal RiskThreshold { get; init; }

    /// <summary>The law that accounts are under of which none is known, two capitals of ISO 3166-1.</summary>
    public string HomeJurisdiction { get; init; } = "US";

    /// <summary>Whose update packs are believed; empty for nobody's.</summary>
    public IReadOnlyList<VerifierKey> PackKeys { get; init; } = [];

    public required bool EncryptionEnabled { get; init; }

    /// <summary>The full path of the data folder; it may not exist yet.</summary>
    public required string DataDir { get; init; }

    public required IReadOnlyList<Uri> Urls { get; init; }

    public required Uri PublicUrl { get; init; }

    /// <summary>Whose X-Forwarded-For is believed; empty for nobody's.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    public required LogFormat LogFormat { get; init; }

    public required TimeZoneInfo TimeZone { get; init; }

    public required EventSchemaMode EventSchemas { get; init; }

    /// <summary>Sanctions lists to fetch; empty for none.</summary>
    public IReadOnlyList<ListFeed> ListFeeds { get; init; } = [];

    /// <summary>Whether a fetched list without findings goes live at once.</summary>
    public bool ListsActivate { get; init; } = true;

    /// <summary>Whether a password alone opens no more than the own account.</summary>
    public bool RequireSecondFactor { get; init; }

    /// <summary>Null means people sign in here alone.</summary>
    public OpenIdProvider? OpenId { get; init; }

    public GroupRoleMap GroupRoles { get; init; } = GroupRoleMap.Empty;

    /// <summary>Where key files are kept: <c>keys</c> in the data folder.</summary>
    public string KeysDir => Path.Combine(DataDir, "keys");

    /// <summary>Where the first API key is written.</summary>
    public string BootstrapKeyFile => Path.Combine(KeysDir, "bootstrap.key");
}
