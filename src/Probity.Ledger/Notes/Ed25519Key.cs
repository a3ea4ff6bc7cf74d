using NSec.Cryptography;

namespace Probity.Ledger.Notes;

/// <summary>
/// An Ed25519 private key in guarded memory, imported once: import costs as much as a signature. Thread safe; after
/// disposal signing throws.
/// </summary>
internal sealed class Ed25519Key : IDisposable
{
    public const int SeedBytes = 32;
    public const int SignatureBytes = 64;

    private readonly Key _key;

    private Ed25519Key(Key key) => _key = key;

    public byte[] PublicKey => _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    public static Ed25519Key FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedBytes)
        {
            throw new ArgumentException($"An Ed25519 seed is {SeedBytes} bytes, not {seed.Length}.", nameof(seed));
        }

        return new Ed25519Key(Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey));
    }

    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature) =>
        SignatureAlgorithm.Ed25519.Sign(_key, message, signature);

    public void Dispose() => _key.Dispose();
}
