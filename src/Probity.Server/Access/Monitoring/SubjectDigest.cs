using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Probity.Server.Keys;

namespace Probity.Server.Access.Monitoring;

/// <summary>
/// What stands in an entry for the id of someone or something that was read: an HMAC under a key of the installation, so
/// that "who looked at this customer" can be asked and the entries alone name nobody.
/// </summary>
internal sealed class SubjectDigest(InstallationKeys keys)
{
    private const int Bytes = 16;
    private const string Label = "probity access subject v1";

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, keys.BlindIndex, 32, info: Encoding.ASCII.GetBytes(Label));

    /// <summary>The digest of an id, 22 characters.</summary>
    public string Of(string id) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(id)).AsSpan(0, Bytes));
}
