using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Probity.Server.Access.Users;
using Probity.Server.Storage;

namespace Probity.Server.Access.Scim;

/// <summary>
/// What can be filtered by. Names are compared without regard to case, ids to the letter, as the core schema says
/// (RFC 7643 sections 3.1 and 4). Lower case is the store's: exact for the ASCII of logins, and for names as the store
/// has it.
/// </summary>
internal static class ScimAttributes
{
    public static IReadOnlyDictionary<string, ScimAttribute<UserRow>> Users { get; } =
        new Dictionary<string, ScimAttribute<UserRow>>(StringComparer.OrdinalIgnoreCase)
        {
            ["id"] = new(UserId),
            ["externalId"] = new(UserExternalId),
            ["active"] = new(Active),
            ["userName"] = new((comparison, value) => Text<UserRow>(u => u.LoginKey, true, comparison, value)),
            ["displayName"] = new(UserName),
            ["name.formatted"] = new(UserName),
            ["emails"] = new(UserEmail),
            ["emails.value"] = new(UserEmail),
        };

    public static IReadOnlyDictionary<string, ScimAttribute<DirectoryGroupRow>> Groups(ProbityDb db)
    {
        var members = new ScimAttribute<DirectoryGroupRow>((comparison, value) => Members(db, comparison, value));
        return new Dictionary<string, ScimAttribute<DirectoryGroupRow>>(StringComparer.OrdinalIgnoreCase)
        {
            ["id"] = new(GroupId),
            ["externalId"] = new(GroupExternalId),
            ["displayName"] = new(GroupName),
            ["members.value"] = members,
            ["members"] = members,
        };
    }

    private static Expression<Func<UserRow, bool>> UserId(string comparison, string value)
    {
        switch (comparison)
        {
            case "eq":
                return u => u.Id == value;
            case "ne":
                return u => u.Id != value;
            case "pr":
                return u => true;
            default:
                throw ScimAttribute<UserRow>.Unfit(comparison);
        }
    }

    private static Expression<Func<UserRow, bool>> UserExternalId(string comparison, string value)
    {
        switch (comparison)
        {
            case "eq":
                return u => u.ExternalId == value;
            case "ne":
                return u => u.ExternalId != value;
            case "pr":
                return u => !EF.Functions.Like(u.ExternalId!, ScimUsers.NoExternalId + "%");
            default:
                throw ScimAttribute<UserRow>.Unfit(comparison);
        }
    }

    private static Expression<Func<UserRow, bool>> Active(string comparison, string value)
    {
        switch (comparison, value)
        {
            case ("eq", "true") or ("ne", "false"):
                return u => u.DisabledAt == null;
            case ("eq", "false") or ("ne", "true"):
                return u => u.DisabledAt != null;
            case ("pr", _):
                return u => true;
            default:
                throw ScimAttribute<UserRow>.Unfit(comparison);
        }
    }

    private static Expression<Func<UserRow, bool>> UserName(string comparison, string value) =>
        Text<UserRow>(u => u.Name, false, comparison, value);

    private static Expression<Func<UserRow, bool>> UserEmail(string comparison, string value) =>
        Text<UserRow>(u => u.Email, false, comparison, value);

    private static Expression<Func<DirectoryGroupRow, bool>> GroupId(string comparison, string value) =>
        comparison == "eq" ? g => g.Id == value : throw ScimAttribute<DirectoryGroupRow>.Unfit(comparison);

    private static Expression<Func<DirectoryGroupRow, bool>> GroupExternalId(string comparison, string value) =>
        comparison == "eq" ? g => g.ExternalId == value : throw ScimAttribute<DirectoryGroupRow>.Unfit(comparison);

    private static Expression<Func<DirectoryGroupRow, bool>> GroupName(string comparison, string value) =>
        Text<DirectoryGroupRow>(g => g.DisplayName, false, comparison, value);

    private static Expression<Func<DirectoryGroupRow, bool>> Members(ProbityDb db, string comparison, string value)
    {
        var members = db.Set<DirectoryMemberRow>();
        return comparison == "eq"
            ? g => members.Any(m => m.GroupId == g.Id && m.UserId == value)
            : throw ScimAttribute<DirectoryGroupRow>.Unfit(comparison);
    }

    /// <summary>Builds <c>row => column.ToLower() op value</c>, of methods that EF Core translates.</summary>
    private static Expression<Func<T, bool>> Text<T>(
        Expression<Func<T, string?>> column, bool isLower, string comparison, string given)
    {
        var value = Expression.Property(Expression.Constant(new Held(given.ToLowerInvariant())), nameof(Held.Value));
        Expression text = isLower ? column.Body : Expression.Call(column.Body, nameof(string.ToLower), null);
        var isThere = Expression.NotEqual(column.Body, Expression.Constant(null, typeof(string)));
        var body = Compare<T>(text, comparison, value);
        return Expression.Lambda<Func<T, bool>>(Expression.AndAlso(isThere, body), column.Parameters);
    }

    private static Expression Compare<T>(Expression text, string comparison, Expression value)
    {
        switch (comparison)
        {
            case "eq":
                return Expression.Equal(text, value);
            case "ne":
                return Expression.NotEqual(text, value);
            case "co":
                return Expression.Call(text, nameof(string.Contains), null, value);
            case "sw":
                return Expression.Call(text, nameof(string.StartsWith), null, value);
            case "ew":
                return Expression.Call(text, nameof(string.EndsWith), null, value);
            case "pr":
                return Expression.Constant(true);
            default:
                throw ScimAttribute<T>.Unfit(comparison);
        }
    }

    /// <summary>Reached through a member, so that it becomes a parameter of the statement.</summary>
    private sealed record Held(string Value);
}
