using System.Security.Cryptography;
using System.Text;
using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Stands for a login that was tried, in an entry: people type passwords there. Keyed, so that it cannot be guessed from
/// the ledger; equal logins give equal digests, so that tries can be counted.
/// </summary>
internal sealed class LoginDigest(AccessKeys keys)
{
    private const int Bytes = 16;

    public string Of(string loginKey) => Convert.ToHexStringLower(
        HMACSHA256.HashData(keys.Login, Encoding.UTF8.GetBytes(loginKey))[..Bytes]);
}

/// <summary>The keys of Access, derived from <c>AUDIT_SECRET_KEY</c>, one for each use.</summary>
internal sealed class AccessKeys(ProbitySettings settings)
{
    private const int Bytes = 32;

    public byte[] Login { get; } = Derive(settings, "probity login digest v1");

    public byte[] Device { get; } = Derive(settings, "probity device v1");

    public byte[] State { get; } = Derive(settings, "probity ceremony v1");

    public byte[] Totp { get; } = Derive(settings, "probity totp v1");

    private static byte[] Derive(ProbitySettings settings, string use) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256,
        (settings.SecretKey ?? throw new InvalidOperationException("A server has a secret key.")).Bytes.ToArray(),
        Bytes,
        info: Encoding.ASCII.GetBytes(use));
}
