using System.Buffers.Text;
using System.Security.Cryptography;

namespace Probity.Server.Access.OpenId;

/// <summary>What one sign-in at the provider is held against when the browser comes back.</summary>
/// <param name="State">Binds the answer to this browser (RFC 6749 section 10.12).</param>
/// <param name="Nonce">Binds the ID token to this ceremony.</param>
/// <param name="Verifier">Binds the code to this ceremony (RFC 7636).</param>
/// <param name="Return">Where to go then: a path of this server.</param>
/// <param name="SessionId">The session whose person proves itself again; null when a session is to be opened.</param>
internal sealed record OpenIdCeremony(string State, string Nonce, string Verifier, string Return, string? SessionId)
{
    private const int Bytes = 32;

    public static OpenIdCeremony New(string? wanted, string? sessionId) =>
        new(Draw(), Draw(), Draw(), PathOf(wanted), sessionId);

    /// <summary>A path of this server, whatever was asked for.</summary>
    private static string PathOf(string? wanted) =>
        wanted is { Length: > 0 and <= 1024 } && wanted[0] == '/'
            && (wanted.Length == 1 || wanted[1] is not ('/' or '\\'))
            && !wanted.Any(char.IsControl)
            ? wanted
            : "/";

    private static string Draw() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
}

/// <summary>Whom the provider vouches for.</summary>
/// <param name="Issuer">The provider.</param>
/// <param name="Subject">The person there: the only thing that stays.</param>
internal sealed record OpenIdPerson(string Issuer, string Subject)
{
    /// <summary>The id the directory behind the provider has for the person, where it tells one.</summary>
    public string? ObjectId { get; init; }

    public required string Login { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>When the person last proved itself at the provider; null when it does not say.</summary>
    public DateTimeOffset? ProvedAt { get; init; }

    /// <summary>Issuer, space, subject: <c>user_account.external_subject</c>.</summary>
    public string Key => $"{Issuer} {Subject}";
}

/// <summary>An answer of the provider does not hold; the reason goes to the ledger, not to the browser.</summary>
internal sealed class OpenIdRefusal(string reason) : Exception(reason)
{
    public string Reason => Message;
}
