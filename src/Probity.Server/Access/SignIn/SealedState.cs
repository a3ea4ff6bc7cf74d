using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// What must be remembered between two requests of one ceremony, given to the browser encrypted: any node can go on with
/// it, for five minutes, for the purpose and person it was made for, once.
/// </summary>
internal sealed class SealedState(AccessKeys keys, TimeProvider time)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MaxLength = 8192;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(5);

    public string Seal(string purpose, string content)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(new Content(content, time.GetUtcNow() + s_lifetime));
        var output = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(output.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(keys.State, TagBytes);
        cipher.Encrypt(
            output.AsSpan(0, NonceBytes), plain, output.AsSpan(NonceBytes, plain.Length), output.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(purpose));
        return Base64Url.EncodeToString(output);
    }

    /// <exception cref="ProblemException">access.passkey_refused: changed, late, or made for something else.</exception>
    public string Open(string purpose, string state)
    {
        try
        {
            var input = state.Length <= MaxLength ? Base64Url.DecodeFromChars(state) : [];
            var plain = new byte[Math.Max(0, input.Length - NonceBytes - TagBytes)];
            using var cipher = new AesGcm(keys.State, TagBytes);
            cipher.Decrypt(
                input.AsSpan(0, NonceBytes), input.AsSpan(NonceBytes, plain.Length), input.AsSpan(NonceBytes + plain.Length), plain,
                Encoding.UTF8.GetBytes(purpose));
            return JsonSerializer.Deserialize<Content>(plain) is { } content && content.ExpiresAt > time.GetUtcNow()
                ? content.Text
                : throw new ProblemException(ErrorCodes.AccessPasskeyRefused);
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException or ArgumentException or JsonException)
        {
            throw new ProblemException(ErrorCodes.AccessPasskeyRefused);
        }
    }

    /// <summary>Uses the state up in the commit of what it was for: a second commit with it fails as a whole.</summary>
    public void UseUp(UnitOfWork work, string state) => new CreationRow
    {
        Key = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(state))),
        Request = "",
        CreatedAt = time.GetUtcNow(),
    }.Use(work, "");

    private sealed record Content(string Text, DateTimeOffset ExpiresAt);
}
