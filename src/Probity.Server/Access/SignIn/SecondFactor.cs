using System.Security.Cryptography;
using Probity.Server.Access.Users;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Checks codes of authenticator apps and recovery codes. What is used up is written on the user's row, which commits with
/// the entry of what the code was used for; the row's concurrency token lets a code through once, also of two at a time.
/// </summary>
internal sealed class SecondFactor(UserSecrets secrets, TimeProvider time)
{
    public const int RecoveryCodeCount = 10;
    private const int RecoveryCodeLength = 24; // 112 bits and more, so that a plain hash keeps them (ASVS 5.0.0 6.5.2).
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Uses up a code: <c>totp</c> or <c>recovery</c>, or null when it does not fit.</summary>
    public string? Use(UserRow user, string code)
    {
        var typed = code.Trim().Replace(" ", "", StringComparison.Ordinal);
        if (user.TotpSecret is { } secret && Totp.Match(secrets.Open(user.Id, secret), typed, time.GetUtcNow(), user.TotpLastStep) is { } step)
        {
            user.TotpLastStep = step;
            return "totp";
        }

        var hash = UserSecrets.HashToken(user.Id + "\n" + typed.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant());
        var left = (user.RecoveryCodes ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        if (!left.Remove(hash))
        {
            return null;
        }

        user.RecoveryCodes = string.Join(' ', left);
        return "recovery";
    }

    /// <summary>A new secret that waits for its first code.</summary>
    public byte[] Offer(UserRow user)
    {
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        user.TotpPending = secrets.Seal(user.Id, secret);
        return secret;
    }

    /// <summary>Makes the waiting secret the person's, if the code fits it, with recovery codes; null if not.</summary>
    public IReadOnlyList<string>? Confirm(UserRow user, string code)
    {
        if (user.TotpPending is not { } pending
            || Totp.Match(secrets.Open(user.Id, pending), code.Trim(), time.GetUtcNow(), 0) is not { } step)
        {
            return null;
        }

        (user.TotpSecret, user.TotpPending, user.TotpLastStep) = (pending, null, step);
        user.SecurityStamp = secrets.NewStamp();
        var codes = Enumerable.Range(0, RecoveryCodeCount)
            .Select(_ => RandomNumberGenerator.GetString(Alphabet, RecoveryCodeLength)).ToList();
        user.RecoveryCodes = string.Join(' ', codes.Select(c => UserSecrets.HashToken(user.Id + "\n" + c)));
        return [.. codes.Select(c => string.Join('-', c.Chunk(4).Select(part => new string(part))))];
    }
}
