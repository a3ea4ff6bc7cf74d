using Probity.Server.Hosting.Settings;
using Probity.Server.Keys.Pkcs11;
using Probity.Server.Storage;

namespace Probity.Server.Keys;

/// <summary>Opens the root key where the settings say it is.</summary>
internal static class RootKeys
{
    /// <summary>The root key; null when the settings name none.</summary>
    /// <exception cref="StorageException">keys.provider_unavailable: the device does not answer as it must.</exception>
    public static IRootKey? Find(ProbitySettings settings) =>
        settings.KeyProvider is { } uri ? Pkcs11RootKey.Open(uri)
        : settings.EncryptionKey is { } key ? new FileRootKey(key.Bytes)
        : null;
}
