using Microsoft.AspNetCore.Identity;
using Probity.Server.Access.Users;

namespace Probity.Server.Access.SignIn;

/// <summary>What a try to sign in is held against.</summary>
internal sealed class SignInChecks(
    PasswordQueue passwords, PasswordHashing hashing, SignInLanes lanes, DeviceCookie device, LoginDigest digest, SecondFactor second)
{
    public SignInLanes Lanes => lanes;

    public DeviceCookie Device => device;

    public SecondFactor Second => second;

    /// <summary>Stands for a login, or for what takes its place, in entries and lanes.</summary>
    public string DigestOf(string text) => digest.Of(text);

    public SignInSource SourceOf(HttpContext http, string loginKey)
    {
        var account = digest.Of(loginKey);
        return new SignInSource(
            SignInSource.NetworkOf(http.Connection.RemoteIpAddress), account, device.IsKnown(http.Request, account));
    }

    /// <summary>Compares a password; of nobody, or of someone without one, it takes as long and fails.</summary>
    public Task<PasswordVerificationResult> PasswordAsync(UserRow? user, string password, CancellationToken cancellationToken) =>
        password.Length <= PasswordRules.MaxLength
            ? passwords.VerifyAsync(user?.PasswordHash, password, cancellationToken)
            : passwords.VerifyAsync(null, "", cancellationToken);

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        passwords.RunAsync(() => hashing.HashPassword(null!, password), cancellationToken); // The user is not looked at.
}
