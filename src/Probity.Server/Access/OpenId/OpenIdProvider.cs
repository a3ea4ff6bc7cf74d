namespace Probity.Server.Access.OpenId;

/// <summary>The institution's OpenID provider, as configured. Printing it shows no secret.</summary>
/// <param name="Authority">Its issuer, to the letter.</param>
/// <param name="ClientId">What it calls this installation.</param>
/// <param name="GroupsClaim">The claim of the ID token that lists the person's groups.</param>
/// <param name="Label">What people call it.</param>
internal sealed record OpenIdProvider(Uri Authority, string ClientId, string GroupsClaim, string Label)
{
    /// <summary>
    /// Proves this installation to the provider; null for a public client, whose codes PKCE alone protects.
    /// </summary>
    public string? ClientSecret { get; init; }

    /// <summary>The issuer as text, without the slash that <see cref="Uri"/> adds to a bare host.</summary>
    public string Issuer => Authority.OriginalString.TrimEnd('/');

    public override string ToString() => $"{Issuer} as {ClientId}";
}
