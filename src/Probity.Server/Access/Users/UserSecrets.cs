using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Probity.Server.Access.SignIn;

namespace Probity.Server.Access.Users;

/// <summary>What is kept of the secrets of people: hashes of tokens and codes, and TOTP secrets encrypted.</summary>
internal sealed class UserSecrets(AccessKeys keys)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int StampBytes = 16;

    public static string HashToken(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

#pragma warning disable CA1822 // One place for randomness of users, next to what needs the keys.
    public string NewStamp() => Convert.ToHexString(RandomNumberGenerator.GetBytes(StampBytes));
#pragma warning restore CA1822

    /// <summary>Encrypts a TOTP secret for a user: it opens for no other.</summary>
    public string Seal(string userId, ReadOnlySpan<byte> secret)
    {
        var output = new byte[NonceBytes + secret.Length + TagBytes];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(keys.Totp, TagBytes);
        cipher.Encrypt(
            output.AsSpan(0, NonceBytes), secret, output.AsSpan(NonceBytes, secret.Length), output.AsSpan(NonceBytes + secret.Length),
            Encoding.UTF8.GetBytes(userId));
        return Base64Url.EncodeToString(output);
    }

    /// <exception cref="CryptographicException">The text was changed, or sealed for another user or under another key.</exception>
    public byte[] Open(string userId, string text)
    {
        var input = Base64Url.DecodeFromChars(text);
        var secret = new byte[input.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(keys.Totp, TagBytes);
        cipher.Decrypt(
            input.AsSpan(0, NonceBytes), input.AsSpan(NonceBytes, secret.Length), input.AsSpan(NonceBytes + secret.Length), secret,
            Encoding.UTF8.GetBytes(userId));
        return secret;
    }
}
