using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NSec.Cryptography;

namespace Probity.Server.Custody.KeyCare;

/// <summary>
/// A secret in a file: JSON with what is kept under AES-256-GCM, whose key Argon2id makes of a passphrase. 256 MiB and
/// four passes: half a second here, and dear to guess. The format's name is bound to the ciphertext, so that one kind
/// of file never opens as another. Source: RFC 9106 section 4.
/// </summary>
internal static class PassphraseFile
{
    public const int FewestCharacters = 16;
    private const int MemoryKib = 256 * 1024;
    private const int Passes = 4;
    private const int MaxMemoryKib = 4 * 1024 * 1024;
    private const int SaltBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static readonly JsonSerializerOptions s_json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Makes such a file.</summary>
    /// <param name="secret">What is kept.</param>
    /// <param name="format">The kind of file.</param>
    /// <param name="passphrase">At least <see cref="FewestCharacters"/> characters.</param>
    public static string Seal<T>(T secret, string format, string passphrase) =>
        Seal(secret, format, passphrase, MemoryKib, Passes);

    /// <summary>Seals with another cost than the usual one: for tests.</summary>
    internal static string Seal<T>(T secret, string format, string passphrase, int memoryKib, int passes)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var plain = JsonSerializer.SerializeToUtf8Bytes(secret, s_json);
        var sealedBytes = new byte[plain.Length + TagBytes];
        var key = Derive(passphrase, salt, memoryKib, passes);
        using (var cipher = new AesGcm(key, TagBytes))
        {
            cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length),
                Aad(format, memoryKib, passes));
        }

        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(plain);
        return JsonSerializer.Serialize(
            new Envelope(
                format, "argon2id", memoryKib, passes, Convert.ToBase64String(salt), Convert.ToBase64String(nonce),
                Convert.ToBase64String(sealedBytes)),
            s_json) + "\n";
    }

    /// <summary>Opens such a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="format">The kind of file it must be.</param>
    /// <param name="what">What that is, in words, for the refusal.</param>
    /// <param name="passphrase">The passphrase.</param>
    /// <exception cref="InvalidDataException">It is none, was altered, or the passphrase is another.</exception>
    public static T Open<T>(string text, string format, string what, string passphrase)
        where T : class
    {
        try
        {
            var envelope = JsonSerializer.Deserialize<Envelope>(text, s_json);
            if (envelope is not { Kdf: "argon2id" } || envelope.Format != format
                || envelope.MemoryKib is < 8 or > MaxMemoryKib || envelope.Passes is < 1 or > 64)
            {
                throw new InvalidDataException($"The file is no {what}.");
            }

            var sealedBytes = Convert.FromBase64String(envelope.Ciphertext);
            var plain = new byte[sealedBytes.Length - TagBytes];
            var key = Derive(passphrase, Convert.FromBase64String(envelope.Salt), envelope.MemoryKib, envelope.Passes);
            using var cipher = new AesGcm(key, TagBytes);
            cipher.Decrypt(
                Convert.FromBase64String(envelope.Nonce), sealedBytes.AsSpan(0, plain.Length),
                    sealedBytes.AsSpan(plain.Length), plain,
                Aad(format, envelope.MemoryKib, envelope.Passes));
            CryptographicOperations.ZeroMemory(key);
            var secret = JsonSerializer.Deserialize<T>(plain, s_json);
            CryptographicOperations.ZeroMemory(plain);
            return secret ?? throw new InvalidDataException($"The {what} is empty.");
        }
        catch (CryptographicException fault)
        {
            throw new InvalidDataException($"The passphrase is another one, or the {what} was altered.", fault);
        }
        catch (Exception fault) when (
            fault is JsonException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"The file is no {what}, or it is damaged.", fault);
        }
    }

    private static byte[] Derive(string passphrase, byte[] salt, int memoryKib, int passes) =>
        PasswordBasedKeyDerivationAlgorithm.Argon2id(
        new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKib, NumberOfPasses = passes })
        .DeriveBytes(Encoding.UTF8.GetBytes(passphrase), salt, 32);

    private static byte[] Aad(string format, int memoryKib, int passes) =>
        Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{format}|{memoryKib}|{passes}"));

    private sealed record Envelope(string Format, string Kdf, int MemoryKib, int Passes, string Salt, string Nonce,
        string Ciphertext);
}
