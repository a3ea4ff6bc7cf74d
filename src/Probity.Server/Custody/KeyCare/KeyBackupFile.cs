namespace Probity.Server.Custody.KeyCare;

/// <summary>The keys that are kept outside the store: what a key backup holds.</summary>
internal sealed record BackedUpKeys(string EncryptionKey, string SecretKey, DateTimeOffset CreatedAt);

/// <summary>A key backup: the root key and the secret key in a <see cref="PassphraseFile"/>.</summary>
internal static class KeyBackupFile
{
    private const string Format = "probity-keys-v1";
    private const string What = "key backup of Probity";

    public static string Seal(BackedUpKeys keys, string passphrase) => PassphraseFile.Seal(keys, Format, passphrase);

    /// <summary>Seals with another cost than the usual one: for tests.</summary>
    internal static string Seal(BackedUpKeys keys, string passphrase, int memoryKib, int passes) =>
        PassphraseFile.Seal(keys, Format, passphrase, memoryKib, passes);

    /// <summary>Opens a key backup.</summary>
    /// <exception cref="InvalidDataException">It is none, was altered, or the passphrase is another.</exception>
    public static BackedUpKeys Open(string text, string passphrase) =>
        PassphraseFile.Open<BackedUpKeys>(text, Format, What, passphrase);
}
