using System.Security.Cryptography;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access;

/// <summary>
/// The first API key of an installation: made when there is no key at all, written to a file only its owner may read, and
/// never printed. It can do everything but open compartments, so it is meant to create the others and to be revoked then.
/// </summary>
internal sealed class BootstrapKey(IApiKeyStore store, ApiKeyIssuer issuer)
{
    /// <summary>Makes the key if there is none yet. True when it was made now.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async Task<bool> EnsureAsync(string path, CancellationToken cancellationToken)
    {
        if ((await store.ListAsync(cancellationToken)).Count > 0)
        {
            return false;
        }

        // The file comes first: a crash between the two leaves a key in a file that the next start stores.
        var secret = ApiKeySecret.Draw();
        if (!PrivateFile.TryCreate(path, secret.Reveal() + "\n"))
        {
            var text = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            if (!ApiKeySecret.TryParse(text, out var written))
            {
                throw new IOException($"{path} holds no API key: move it away, then a new one is made.");
            }

            secret = written;
        }

        var order = new KeyOrder("bootstrap", "bootstrap", [.. Permission.Names.Except(Permission.Compartments)]);
        await issuer.StoreAsync(order, secret, Caller.Server, cancellationToken);
        return true;
    }

    /// <summary>Whether the file still holds a key that works.</summary>
    public async Task<bool> IsUsableAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)
            || !ApiKeySecret.TryParse((await File.ReadAllTextAsync(path, cancellationToken)).Trim(), out var secret))
        {
            return false;
        }

        var key = await store.FindByPrefixAsync(secret.Prefix, cancellationToken);
        return key is { RevokedAt: null } && CryptographicOperations.FixedTimeEquals(key.Hash.Bytes, secret.Hash.Bytes);
    }
}
