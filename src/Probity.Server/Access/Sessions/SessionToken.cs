using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Merkle;

namespace Probity.Server.Access.Sessions;

/// <summary>
/// What the session cookie holds: 256 random bits, base64url. The store keeps its SHA-256, so a stolen database opens no
/// session; the proof against forged requests is derived from it, so a page of another origin cannot know that either.
/// </summary>
internal sealed class SessionToken
{
    private const int Bytes = 32;
    private const int Length = 43;
    private const string ProofLabel = "probity csrf v1";

    private readonly string _text;

    private SessionToken(string text) => _text = text;

    public Digest Hash => Digest.From(SHA256.HashData(Encoding.ASCII.GetBytes(_text)));

    /// <summary>What requests that change something carry beside the cookie.</summary>
    public string ForgeryProof => Base64Url.EncodeToString(
        HMACSHA256.HashData(Encoding.ASCII.GetBytes(_text), Encoding.ASCII.GetBytes(ProofLabel)));

    public static SessionToken Draw() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes)));

    public static bool TryParse(string? text, [NotNullWhen(true)] out SessionToken? token)
    {
        token = text is { Length: Length } && Base64Url.IsValid(text) ? new SessionToken(text) : null;
        return token is not null;
    }

    /// <summary>The whole token: for the cookie, once.</summary>
    public string Reveal() => _text;

    public override string ToString() => "ses …";
}
