using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access.Users;

/// <summary>
/// ASP.NET Core Identity over a unit of work: what a <see cref="UserManager{TUser}"/> changes becomes a change of the
/// unit, and nothing is saved before the unit commits it together with its entries.
/// </summary>
internal sealed class IdentityStore(UnitOfWork work) :
    IUserPasswordStore<UserRow>, IUserSecurityStampStore<UserRow>, IUserPasskeyStore<UserRow>
{
    public Task<string> GetUserIdAsync(UserRow user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(UserRow user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Login);

    public Task SetUserNameAsync(UserRow user, string? userName, CancellationToken cancellationToken)
    {
        user.Login = userName ?? throw new ArgumentNullException(nameof(userName));
        return Task.CompletedTask;
    }

    public Task<string?> GetNormalizedUserNameAsync(UserRow user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.LoginKey);

    public Task SetNormalizedUserNameAsync(UserRow user, string? normalizedName, CancellationToken cancellationToken)
    {
        user.LoginKey = normalizedName ?? throw new ArgumentNullException(nameof(normalizedName));
        return Task.CompletedTask;
    }

    public Task<IdentityResult> CreateAsync(UserRow user, CancellationToken cancellationToken)
    {
        work.Add(user);
        return Task.FromResult(IdentityResult.Success);
    }

    public Task<IdentityResult> UpdateAsync(UserRow user, CancellationToken cancellationToken)
    {
        work.Update(user);
        return Task.FromResult(IdentityResult.Success);
    }

    /// <summary>Users are disabled, not deleted: their entries stay, and name them.</summary>
    public Task<IdentityResult> DeleteAsync(UserRow user, CancellationToken cancellationToken) =>
        Task.FromResult(IdentityResult.Failed(new IdentityError { Code = "NotDeletable", Description = "Users are disabled." }));

    public Task<UserRow?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        work.Db.Set<UserRow>().SingleOrDefaultAsync(u => u.Id == userId, cancellationToken);

    public Task<UserRow?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        work.Db.Set<UserRow>().SingleOrDefaultAsync(u => u.LoginKey == normalizedUserName, cancellationToken);

    public Task SetPasswordHashAsync(UserRow user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash;
        return Task.CompletedTask;
    }

    public Task<string?> GetPasswordHashAsync(UserRow user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(UserRow user, CancellationToken cancellationToken) =>
        Task.FromResult(user.PasswordHash is not null);

    public Task SetSecurityStampAsync(UserRow user, string stamp, CancellationToken cancellationToken)
    {
        user.SecurityStamp = stamp;
        return Task.CompletedTask;
    }

    public Task<string?> GetSecurityStampAsync(UserRow user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.SecurityStamp);

    public async Task AddOrUpdatePasskeyAsync(UserRow user, UserPasskeyInfo passkey, CancellationToken cancellationToken)
    {
        var id = IdOf(passkey.CredentialId);
        var row = await work.Db.Set<UserPasskeyRow>().SingleOrDefaultAsync(p => p.Id == id, cancellationToken);
        if (row is null)
        {
            work.Add(ToRow(user, passkey));
            return;
        }

        row.Name = passkey.Name ?? row.Name;
        row.SignCount = passkey.SignCount;
        row.IsUserVerified = passkey.IsUserVerified;
        row.IsBackedUp = passkey.IsBackedUp;
    }

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(UserRow user, CancellationToken cancellationToken) =>
        [.. (await work.Db.Set<UserPasskeyRow>().Where(p => p.UserId == user.Id).ToListAsync(cancellationToken)).Select(ToPasskey)];

    public async Task<UserRow?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = IdOf(credentialId);
        return await work.Db.Set<UserPasskeyRow>().Where(p => p.Id == id)
            .Join(work.Db.Set<UserRow>(), p => p.UserId, u => u.Id, (p, u) => u).SingleOrDefaultAsync(cancellationToken);
    }

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(UserRow user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = IdOf(credentialId);
        var row = await work.Db.Set<UserPasskeyRow>()
            .SingleOrDefaultAsync(p => p.Id == id && p.UserId == user.Id, cancellationToken);
        return row is null ? null : ToPasskey(row);
    }

    public async Task RemovePasskeyAsync(UserRow user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = IdOf(credentialId);
        if (await work.Db.Set<UserPasskeyRow>().SingleOrDefaultAsync(p => p.Id == id && p.UserId == user.Id, cancellationToken)
            is { } row)
        {
            work.Remove(row);
        }
    }

    /// <summary>The unit of work is its owner's.</summary>
    public void Dispose()
    {
    }

    public static string IdOf(byte[] credentialId) => Base64Url.EncodeToString(credentialId);

    private static UserPasskeyRow ToRow(UserRow user, UserPasskeyInfo passkey) => new()
    {
        Id = IdOf(passkey.CredentialId),
        UserId = user.Id,
        Name = passkey.Name ?? "passkey",
        PublicKey = passkey.PublicKey,
        SignCount = passkey.SignCount,
        Transports = string.Join(' ', passkey.Transports ?? []),
        IsUserVerified = passkey.IsUserVerified,
        IsBackupEligible = passkey.IsBackupEligible,
        IsBackedUp = passkey.IsBackedUp,
        AttestationObject = passkey.AttestationObject,
        ClientDataJson = passkey.ClientDataJson,
        CreatedAt = passkey.CreatedAt,
    };

    private static UserPasskeyInfo ToPasskey(UserPasskeyRow row) => new(
        Base64Url.DecodeFromChars(row.Id),
        row.PublicKey,
        row.CreatedAt,
        (uint)row.SignCount,
        row.Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        row.IsUserVerified,
        row.IsBackupEligible,
        row.IsBackedUp,
        row.AttestationObject,
        row.ClientDataJson)
    {
        Name = row.Name,
    };
}
