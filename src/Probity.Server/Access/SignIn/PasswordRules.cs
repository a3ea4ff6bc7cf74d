using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// What a password must be: long, and not known from breaches. No rule of composition. Source: NIST SP 800-63B-4 section
/// 3.1.1.2; ASVS 5.0 6.2.
/// </summary>
internal sealed class PasswordRules(IBreachedPasswords breached)
{
    public const int MinLength = 12;
    public const int MaxLength = 256;

    /// <exception cref="ProblemException">access.password_refused.</exception>
    public async Task CheckAsync(string pointer, string password, string login, CancellationToken cancellationToken)
    {
        var fault = password.Length switch
        {
            < MinLength => $"Give at least {MinLength} characters.",
            > MaxLength => $"Give at most {MaxLength} characters.",
            _ when password.Contains(login, StringComparison.OrdinalIgnoreCase) && login.Length >= 4 => "Do not use the login in it.",
            _ when password.Distinct().Count() < 4 => "Use more than three different characters.",
            _ when await breached.ContainsAsync(password, cancellationToken) => "This one is known from breaches.",
            _ => null,
        };
        if (fault is not null)
        {
            throw new ProblemException(ErrorCodes.AccessPasswordRefused)
            {
                Faults = [new(pointer, ErrorCodes.AccessPasswordRefused.Code, fault)],
            };
        }
    }
}
