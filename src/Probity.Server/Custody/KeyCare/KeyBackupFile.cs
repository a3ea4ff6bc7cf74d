using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NSec.Cryptography;

namespace Probity.Server.Custody.KeyCare;

/// <summary>The keys that are kept outside the store: what a key backup holds.</summary>
internal sealed record BackedUpKeys(string EncryptionKey, string SecretKey, DateTimeOffset CreatedAt);

/// <summary>
/// A key backup: JSON with the root key and the secret key under AES-256-GCM, whose key Argon2id makes of a passphrase.
/// 256 MiB and four passes: half a second here, and dear to guess. Source: RFC 9106 section 4.
/// </summary>
internal static class KeyBackupFile
{
    public const int FewestCharacters = 16;
    private const string Format = "probity-keys-v1";
    private const int MemoryKib = 256 * 1024;
    private const int Passes = 4;
    private const int MaxMemoryKib = 4 * 1024 * 1024;
    private const int SaltBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static readonly JsonSerializerOptions s_json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static string Seal(BackedUpKeys keys, string passphrase) => Seal(keys, passphrase, MemoryKib, Passes);

    /// <summary>Seals with another cost than the usual one: for tests.</summary>
    internal static string Seal(BackedUpKeys keys, string passphrase, int memoryKib, int passes)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var plain = JsonSerializer.SerializeToUtf8Bytes(keys, s_json);
        var sealedBytes = new byte[plain.Length + TagBytes];
        var key = Derive(passphrase, salt, memoryKib, passes);
        using (var cipher = new AesGcm(key, TagBytes))
        {
            cipher.Encrypt(nonce, plain, sealedBytes.AsSpan(0, plain.Length), sealedBytes.AsSpan(plain.Length),
                Aad(memoryKib, passes));
        }

        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(plain);
        return JsonSerializer.Serialize(
            new Envelope(
                Format, "argon2id", memoryKib, passes, Convert.ToBase64String(salt), Convert.ToBase64String(nonce),
                Convert.ToBase64String(sealedBytes)),
            s_json) + "\n";
    }

    /// <summary>Opens a key backup.</summary>
    /// <exception cref="InvalidDataException">It is none, was altered, or the passphrase is another.</exception>
    public static BackedUpKeys Open(string text, string passphrase)
    {
        try
        {
            var envelope = JsonSerializer.Deserialize<Envelope>(text, s_json);
            if (envelope is not { Format: Format, Kdf: "argon2id" } || envelope.MemoryKib is < 8 or > MaxMemoryKib
                || envelope.Passes is < 1 or > 64)
            {
                throw new InvalidDataException("The file is no key backup of Probity.");
            }

            var sealedBytes = Convert.FromBase64String(envelope.Ciphertext);
            var plain = new byte[sealedBytes.Length - TagBytes];
            var key = Derive(passphrase, Convert.FromBase64String(envelope.Salt), envelope.MemoryKib, envelope.Passes);
            using var cipher = new AesGcm(key, TagBytes);
            cipher.Decrypt(
                Convert.FromBase64String(envelope.Nonce), sealedBytes.AsSpan(0, plain.Length),
                    sealedBytes.AsSpan(plain.Length), plain,
                Aad(envelope.MemoryKib, envelope.Passes));
            CryptographicOperations.ZeroMemory(key);
            return JsonSerializer.Deserialize<BackedUpKeys>(plain, s_json)
                ?? throw new InvalidDataException("The key backup is empty.");
        }
        catch (CryptographicException fault)
        {
            throw new InvalidDataException("The passphrase is another one, or the key backup was altered.", fault);
        }
        catch (Exception fault) when (
            fault is JsonException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("The file is no key backup of Probity, or it is damaged.", fault);
        }
    }

    private static byte[] Derive(string passphrase, byte[] salt, int memoryKib, int passes) =>
        PasswordBasedKeyDerivationAlgorithm.Argon2id(
        new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memoryKib, NumberOfPasses = passes })
        .DeriveBytes(Encoding.UTF8.GetBytes(passphrase), salt, 32);

    private static byte[] Aad(int memoryKib, int passes) =>
        Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{Format}|{memoryKib}|{passes}"));

    private sealed record Envelope(string Format, string Kdf, int MemoryKib, int Passes, string Salt, string Nonce,
        string Ciphertext);
}
