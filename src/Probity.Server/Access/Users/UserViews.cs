using Probity.Contracts.Access;
using Probity.Server.Access.Roles;

namespace Probity.Server.Access.Users;

/// <summary>Users and grants as the API shows them.</summary>
internal static class UserViews
{
    public static UserView Of(UserRow user, IEnumerable<(RoleGrantRow Grant, string Role)> grants, int passkeys) => new()
    {
        Id = user.Id,
        Login = user.Login,
        Name = user.Name,
        Email = user.Email,
        HasPassword = user.PasswordHash is not null,
        HasTotp = user.TotpSecret is not null,
        Passkeys = passkeys,
        Grants = [.. grants.OrderByDescending(g => g.Grant.GrantedAt).Select(g => Of(g.Grant, g.Role))],
        CreatedAt = user.CreatedAt,
        DisabledAt = user.DisabledAt,
    };

    public static GrantView Of(RoleGrantRow grant, string role)
    {
        var scope = EntityScope.Parse(grant.Scope);
        return new GrantView
        {
            Id = grant.Id,
            UserId = grant.UserId,
            RoleId = grant.RoleId,
            Role = role,
            Entities = scope.IsAll ? null : [.. scope.Codes.Order(StringComparer.Ordinal)],
            Source = grant.Source,
            GrantedBy = grant.GrantedBy,
            GrantedAt = grant.GrantedAt,
            ExpiresAt = grant.ExpiresAt,
            RevokedAt = grant.RevokedAt,
        };
    }
}
