using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Settings;

/// <summary>
/// Reads and checks every setting, and lists all faults at once. The only place that reads the environment. It writes
/// nothing: missing keys are made by <see cref="KeyFiles"/>.
/// </summary>
internal sealed class SettingsReader
{
    private const long MaxSecretFileBytes = 64 * 1024;

    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly IReadOnlyDictionary<string, string> _options;
    private readonly List<SettingFault> _faults = [];
    private readonly List<string> _warnings = [];

    private SettingsReader(
        IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string>? options)
    {
        _environment = environment;
        _options = options ?? new Dictionary<string, string>();
    }

    /// <param name="environment">Names and values; see <see cref="ProcessEnvironment"/>.</param>
    /// <param name="options">Command-line values that replace variables: name of the variable to value.</param>
    public static SettingsReading Read(
        IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string>? options = null) =>
        new SettingsReader(environment, options).Read();

    public static IReadOnlyDictionary<string, string> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    private SettingsReading Read()
    {
        WarnOfUnknownNames();
        var dataDir = Get(SettingCatalogue.DataDir);
        var store = Get(SettingCatalogue.Database);
        var redis = Get(SettingCatalogue.Redis);
        var secret = Get(SettingCatalogue.SecretKey);
        var root = Get(SettingCatalogue.EncryptionKey);
        var provider = Get(SettingCatalogue.KeyProvider);
        var retention = Get(SettingCatalogue.Retention);
        var threshold = Get(SettingCatalogue.RiskThreshold);
        var home = Get(SettingCatalogue.HomeJurisdiction);
        var packs = Get(SettingCatalogue.PackKeys);
        var encryption = Get(SettingCatalogue.EnableEncryption);
        var urls = Get(SettingCatalogue.Urls);
        var publicUrl = Get(SettingCatalogue.PublicUrl);
        var proxies = Get(SettingCatalogue.TrustedProxies);
        var format = Get(SettingCatalogue.LogFormat);
        var zone = Get(SettingCatalogue.TimeZone);
        var schemas = Get(SettingCatalogue.EventSchemas);
        var feeds = Get(SettingCatalogue.ListFeeds);
        var activates = Get(SettingCatalogue.ListsActivate);
        var secondFactor = Get(SettingCatalogue.RequireSecondFactor);
        var openId = OpenId();
        var groupRoles = Get(SettingCatalogue.GroupRoles);
        if (secret is not null && root is not null && secret.IsSame(root))
        {
            _faults.Add(SettingFault.Of(SettingCatalogue.SecretKey, SettingCatalogue.SecretKey.Name, "", "it is the encryption key too"));
        }

        if (provider is not null && root is not null)
        {
            _faults.Add(new SettingFault(
                SettingCatalogue.KeyProvider.Name, null, $"{SettingCatalogue.EncryptionKey.Name} is set too",
                "only one of the two", "unset one: the root key is either in the device or in the variable"));
        }

        // A value is missing only where a fault has been listed, so the defaults never reach a server.
        if (_faults.Count > 0 || dataDir is null || retention is null || urls is null || zone is null)
        {
            return new SettingsReading(null, _faults, _warnings);
        }

        return new SettingsReading(
            new ProbitySettings
            {
                Store = store ?? StoreAddress.SqliteFile(Path.Combine(dataDir, "probity.db")),
                Redis = redis,
                SecretKey = secret,
                EncryptionKey = root,
                KeyProvider = provider,
                Retention = retention,
                RiskThreshold = threshold,
                HomeJurisdiction = home ?? SettingCatalogue.HomeJurisdiction.Default!,
                PackKeys = packs ?? [],
                EncryptionEnabled = encryption,
                DataDir = dataDir,
                Urls = urls,
                PublicUrl = publicUrl ?? urls[0],
                TrustedProxies = proxies ?? [],
                LogFormat = format,
                TimeZone = zone,
                EventSchemas = schemas,
                ListFeeds = feeds ?? [],
                ListsActivate = activates,
                RequireSecondFactor = secondFactor,
                OpenId = openId,
                GroupRoles = groupRoles ?? GroupRoleMap.Empty,
            },
            _faults,
            Cautions(secret, root, encryption, urls));
    }

    private OpenIdProvider? OpenId()
    {
        var authority = Get(SettingCatalogue.OidcAuthority);
        var client = Get(SettingCatalogue.OidcClientId);
        var secret = Get(SettingCatalogue.OidcClientSecret);
        var claim = Get(SettingCatalogue.OidcGroupsClaim);
        var label = Get(SettingCatalogue.OidcLabel);
        if (authority is null || client is null)
        {
            var (missing, given) = authority is null
                ? (SettingCatalogue.OidcAuthority.Name, client is not null || secret is not null)
                : (SettingCatalogue.OidcClientId.Name, true);
            if (given && !_faults.Any(f => f.Name == missing))
            {
                _faults.Add(new SettingFault(
                    missing, null, "it is not set, but others of the OpenID provider are", "both or neither",
                    $"set {missing}, or unset the others"));
            }

            return null;
        }

        return claim is null || label is null
            ? null
            : new OpenIdProvider(authority, client, claim, label) { ClientSecret = secret };
    }

    private List<string> Cautions(KeyBytes? secret, KeyBytes? root, bool encryption, IReadOnlyList<Uri> urls)
    {
        foreach (var (name, key) in (ReadOnlySpan<(string, KeyBytes?)>)
                 [(SettingCatalogue.SecretKey.Name, secret), (SettingCatalogue.EncryptionKey.Name, root)])
        {
            if (key?.Caution is { } caution)
            {
                _warnings.Add($"{name}: {caution}");
            }
        }

        if (!encryption)
        {
            _warnings.Add("AUDIT_ENABLE_ENCRYPTION is off: classified fields of new events are stored in clear, and cannot be erased later");
        }

        if (urls.Any(u => !u.IsLoopback))
        {
            _warnings.Add("AUDIT_URLS listens beyond this machine without TLS: put a TLS proxy in front, API keys travel in clear");
        }

        return _warnings;
    }

    private T? Get<T>(Setting<T> setting)
        where T : notnull
    {
        if (!TryGetText(setting, out var name, out var text))
        {
            return default;
        }

        var reading = setting.Read(text);
        if (reading.Fault is { } fault)
        {
            _faults.Add(SettingFault.Of(setting, name, text, fault));
        }

        return reading.Value;
    }

    private bool TryGetText(Setting setting, out string name, [NotNullWhen(true)] out string? text)
    {
        name = setting.Name;
        if (_options.TryGetValue(setting.Name, out text))
        {
            name += " (given as an option)";
            return true;
        }

        var direct = NonEmpty(setting.Name);
        var file = setting.FileName is { } fileName ? NonEmpty(fileName) : null;
        if (direct is not null && file is not null)
        {
            _faults.Add(new SettingFault(
                setting.Name, null, $"{setting.FileName} is set too", "only one of the two", $"unset {setting.Name} or {setting.FileName}"));
            return false;
        }

        if (file is not null)
        {
            name = setting.FileName ?? setting.Name;
            text = ReadFile(setting, name, file);
            return text is not null;
        }

        text = direct ?? setting.Default;
        return text is not null;
    }

    private string? NonEmpty(string name)
    {
        if (!_environment.TryGetValue(name, out var value))
        {
            return null;
        }

        if (value.Trim().Length == 0)
        {
            _warnings.Add($"{name} is set but empty: read as not set");
            return null;
        }

        return value.Trim();
    }

    private string? ReadFile(Setting setting, string name, string path)
    {
        string? wrong = null;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxSecretFileBytes })
            {
                wrong = "the file is larger than 64 KiB";
            }
            else
            {
                var text = File.ReadAllText(path).Trim();
                if (text.Length > 0)
                {
                    return text;
                }

                wrong = "the file is empty";
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            wrong = fault is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : "the file cannot be read";
        }

        _faults.Add(new SettingFault(name, path, wrong, $"a readable file that holds {setting.Rule}", "correct the path or the rights of the file"));
        return null;
    }

    private void WarnOfUnknownNames()
    {
        var known = SettingCatalogue.Names.ToHashSet(StringComparer.Ordinal);
        foreach (var name in _environment.Keys.Order(StringComparer.Ordinal))
        {
            var isOurs = name.StartsWith("AUDIT_", StringComparison.OrdinalIgnoreCase)
                || name.StartsWith("AML_", StringComparison.OrdinalIgnoreCase);
            if (isOurs && !known.Contains(name))
            {
                _warnings.Add($"{name} is not a setting of Probity and has no effect; the nearest one is {EditDistance.Nearest(name, known)}");
            }
        }
    }
}
