using System.Security.Cryptography;
using Probity.Server.Hosting.Settings.Values;

namespace Probity.Server.Hosting.Settings;

/// <summary>
/// The keys of an installation that were not given in the environment: read from <c>keys/encryption.key</c> and
/// <c>keys/secret.key</c> in the data folder, or made there at the first start. A key file is never overwritten.
/// </summary>
/// <remarks>
/// With PostgreSQL a missing key is made too, so that a first start needs no preparation, but with a warning: every node
/// needs the same file. Refusing instead was weighed and left out: it would trade a clear message for a detour, and a node
/// with another root key cannot do harm, since the key ring fails to unwrap the keys in the database and refuses to start.
/// </remarks>
internal static class KeyFiles
{
    private const int KeyBytesLength = 32;

    public static string EncryptionKeyFile(ProbitySettings settings) => Path.Combine(settings.KeysDir, "encryption.key");

    public static string SecretKeyFile(ProbitySettings settings) => Path.Combine(settings.KeysDir, "secret.key");

    /// <summary>The settings with both keys. Creates what is missing when <paramref name="mayCreate"/>.</summary>
    public static SettingsReading Complete(ProbitySettings settings, bool mayCreate)
    {
        var faults = new List<SettingFault>();
        var warnings = new List<string>();
        // With a device there is no root key here, and none is made.
        var root = settings.KeyProvider is not null
            ? null
            : Complete(SettingCatalogue.EncryptionKey, settings.EncryptionKey, EncryptionKeyFile(settings));
        var secret = Complete(SettingCatalogue.SecretKey, settings.SecretKey, SecretKeyFile(settings));
        var completed = settings with { EncryptionKey = root, SecretKey = secret };
        return new SettingsReading(faults.Count == 0 ? completed : null, faults, warnings);

        KeyBytes? Complete(Setting<KeyBytes> setting, KeyBytes? given, string path)
        {
            try
            {
                var isMade = given is null && mayCreate && !File.Exists(path) && Make(settings.DataDir, path);
                if (isMade && settings.Store.Kind == StoreKind.Postgres)
                {
                    warnings.Add($"{setting.Name} was not set and has been made in {path}: every node on this database needs the same file");
                }

                var stored = File.Exists(path) ? Load(setting, path, faults, warnings) : null;
                if (given is not null && stored is not null && !given.IsSame(stored))
                {
                    warnings.Add($"{setting.Name} differs from {path}; the variable is used");
                }

                return given ?? stored;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                faults.Add(new SettingFault(
                    SettingCatalogue.DataDir.Name, settings.DataDir, $"the key file {path} cannot be read or made",
                    "a folder that the server may write", $"give the server's user the rights, or set {setting.Name}"));
                return given;
            }
        }
    }

    private static bool Make(string dataDir, string path)
    {
        // First, so that the data folder is private too where it is made here.
        PrivateFile.CreateFolder(dataDir);
        return PrivateFile.TryCreate(path, RandomNumberGenerator.GetHexString(2 * KeyBytesLength, lowercase: true) + "\n");
    }

    private static KeyBytes? Load(Setting<KeyBytes> setting, string path, List<SettingFault> faults, List<string> warnings)
    {
        if (PrivateFile.IsOpenToOthers(path))
        {
            warnings.Add($"{path} may be read by others: run `chmod 600 {path}`, and treat the key as seen");
        }

        var reading = setting.Read(File.ReadAllText(path).Trim());
        if (reading.Fault is { } fault)
        {
            faults.Add(new SettingFault(
                path, "****", fault, setting.Rule, "put the key back from your backup; a new key cannot open what the old one closed"));
        }

        return reading.Value;
    }
}
