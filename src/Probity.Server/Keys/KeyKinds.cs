namespace Probity.Server.Keys;

/// <summary>What a key is for; the table allows one active key of each single kind.</summary>
internal static class KeyKinds
{
    /// <summary>The key-encryption key, wrapped under the root key.</summary>
    public const string Kek = "kek";

    /// <summary>The Ed25519 seed that checkpoints are signed with.</summary>
    public const string LogSigning = "log_signing";

    /// <summary>The HMAC key of the blind search index.</summary>
    public const string BlindIndex = "blind_index";

    /// <summary>The HMAC key of page tokens.</summary>
    public const string PageToken = "page_token";

    /// <summary>A data key for the entries of one stretch of time.</summary>
    public const string Segment = "segment";

    /// <summary>What the data keys of one person are derived from.</summary>
    public const string Subject = "subject";

    /// <summary>The memory of a root key that was rotated away; it holds no key.</summary>
    public const string Root = "root";
}

/// <summary>Keys of which an installation has one each, unwrapped.</summary>
internal sealed record InstallationKeys(byte[] LogSigning, byte[] BlindIndex, byte[] PageToken);
