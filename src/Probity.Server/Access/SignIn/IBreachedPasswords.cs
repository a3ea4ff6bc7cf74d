namespace Probity.Server.Access.SignIn;

/// <summary>The passwords that are known from breaches. Nothing about the password leaves the process.</summary>
internal interface IBreachedPasswords
{
    Task<bool> ContainsAsync(string password, CancellationToken cancellationToken);
}
