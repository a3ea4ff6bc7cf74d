using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Probity.Server.Access.SignIn;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Users;

/// <summary>Opens Identity's user manager over a unit of work.</summary>
internal sealed class IdentityUsers(PasswordHashing hashing, IServiceProvider services, ILoggerFactory logs)
{
    private readonly IOptions<IdentityOptions> _options = Options.Create(new IdentityOptions
    {
        Stores = { SchemaVersion = IdentitySchemaVersions.Version3 },
        User = { RequireUniqueEmail = false, AllowedUserNameCharacters = string.Concat(Enumerable.Range(0x21, 0x5E).Select(c => (char)c)) },
    });

    /// <summary>Passwords are checked by <see cref="PasswordRules"/> before, so the manager has no validators of its own.</summary>
    public UserManager<UserRow> Open(UnitOfWork work) => new(
        new IdentityStore(work),
        _options,
        hashing,
        [new UserValidator<UserRow>()],
        [],
        new LowerCase(),
        new IdentityErrorDescriber(),
        services,
        logs.CreateLogger<UserManager<UserRow>>());

    private sealed class LowerCase : ILookupNormalizer
    {
        public string? NormalizeName(string? name) => name is null ? null : Logins.Normalize(name);

        public string? NormalizeEmail(string? email) => NormalizeName(email);
    }
}
