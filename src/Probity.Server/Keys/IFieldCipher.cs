namespace Probity.Server.Keys;

/// <summary>
/// Encrypts and decrypts members and blobs under data keys. AES-256-GCM, random 12-byte nonces, no key over its bound.
/// Thread safe.
/// </summary>
internal interface IFieldCipher
{
    /// <summary>Bytes of a nonce.</summary>
    const int NonceBytes = 12;

    /// <summary>Bytes of a tag, which follows the ciphertext.</summary>
    const int TagBytes = 16;

    /// <summary>The present segment's data key, durable before it is handed out.</summary>
    ISealingKey Rent();

    /// <summary>
    /// The key of a person, from memory for one that was met lately; made when there is none. Until
    /// <see cref="SubjectKey.IsStored"/>, whatever is sealed under it must be committed together with its row.
    /// </summary>
    /// <param name="name">See <see cref="SubjectNames.Write"/>.</param>
    SubjectKey FindSubject(ReadOnlySpan<byte> name);

    /// <summary>A data key of a person.</summary>
    ISealingKey Rent(SubjectKey subject);

    /// <summary>Opens a ciphertext.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">
    /// It was altered, moved, or belongs to another key, or the key was destroyed.
    /// </exception>
    void Open(
        string keyId,
        ReadOnlySpan<byte> aad,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertextAndTag,
        Span<byte> plain);
}

/// <summary>A data key for one sealing.</summary>
internal interface ISealingKey
{
    string Id { get; }

    /// <summary>The id as quoted JSON.</summary>
    ReadOnlySpan<byte> IdJson { get; }

    /// <summary>Encrypts; fills the nonce and the ciphertext with its tag.</summary>
    void Seal(ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plain, Span<byte> nonce, Span<byte> ciphertextAndTag);
}
