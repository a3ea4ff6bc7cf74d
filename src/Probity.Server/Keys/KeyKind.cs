namespace Probity.Server.Keys;

/// <summary>What a stored key is for. The text is part of what wraps the key, so it never changes.</summary>
internal readonly record struct KeyKind
{
    /// <summary>Wraps the other keys; wrapped under the root key itself.</summary>
    public static readonly KeyKind KeyEncryption = new("kek", "kek_");

    /// <summary>Encrypts the fields of entries, for a stretch of the log.</summary>
    public static readonly KeyKind Segment = new("segment", "seg_");

    /// <summary>The Ed25519 seed that signs checkpoints.</summary>
    public static readonly KeyKind LogSigning = new("log_signing", "sig_");

    /// <summary>Makes the search tokens of encrypted fields (HMAC).</summary>
    public static readonly KeyKind BlindIndex = new("blind_index", "bix_");

    /// <summary>Protects page tokens against being made up (HMAC).</summary>
    public static readonly KeyKind PageToken = new("page_token", "pgt_");

    private KeyKind(string text, string idPrefix)
    {
        Text = text;
        IdPrefix = idPrefix;
    }

    public string Text { get; }

    public string IdPrefix { get; }

    public override string ToString() => Text;
}
