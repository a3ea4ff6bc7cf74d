using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Merkle;

namespace Probity.Server.Access;

/// <summary>
/// The secret of an API key: <c>pk_</c>, eight characters by which it is found and recognised, <c>_</c>, and 32 random
/// bytes as base64url. Printing it shows the first eleven characters only.
/// </summary>
internal sealed class ApiKeySecret
{
    public const int PrefixLength = 8;
    private const int SecretBytes = 32;
    private const string Start = "pk_";
    private const int BodyAt = 12;
    private const int Length = BodyAt + 43;

    // Letters and digits that are not mistaken for each other when read aloud.
    private const string PrefixAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private static readonly SearchValues<char> s_prefixCharacters = SearchValues.Create(PrefixAlphabet);

    private readonly string _text;

    private ApiKeySecret(string text) => _text = text;

    public string Prefix => _text[Start.Length..(Start.Length + PrefixLength)];

    /// <summary>SHA-256 of the whole key as ASCII: what is stored.</summary>
    /// <remarks>The key holds 256 random bits, so a slow hash would add nothing.</remarks>
    public Digest Hash => Digest.From(SHA256.HashData(Encoding.ASCII.GetBytes(_text)));

    public static ApiKeySecret Draw() => new(
        Start + RandomNumberGenerator.GetString(PrefixAlphabet, PrefixLength) + "_"
        + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>Reads a key; false for anything that no key looks like.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ApiKeySecret? secret)
    {
        var isKey = text.Length == Length
            && text.StartsWith(Start, StringComparison.Ordinal)
            && text[BodyAt - 1] == '_'
            && !text[Start.Length..(BodyAt - 1)].ContainsAnyExcept(s_prefixCharacters)
            && Base64Url.IsValid(text[BodyAt..]);
        secret = isKey ? new ApiKeySecret(text.ToString()) : null;
        return isKey;
    }

    /// <summary>The whole key: for its owner, once.</summary>
    public string Reveal() => _text;

    public override string ToString() => _text[..(BodyAt - 1)] + "_…";
}
