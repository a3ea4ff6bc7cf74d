using Probity.Server.Hosting.Settings;

namespace Probity.Server.Access.OpenId;

/// <summary>
/// Which role a group of the institution's directory stands for, and how far it reaches:
/// <c>GROUP=role</c> or <c>GROUP=role@ENTITY+ENTITY</c>, several separated by <c>;</c>. A group may stand for several
/// roles. Names of groups are compared exactly. The last <c>=</c> separates, so a group may be a distinguished name.
/// </summary>
internal sealed class GroupRoleMap
{
    private const int MaxLines = 200;
    private const int MaxGroup = 256;

    private GroupRoleMap(IReadOnlyList<GroupRole> lines) => Lines = lines;

    /// <summary>No group stands for a role.</summary>
    public static GroupRoleMap Empty { get; } = new([]);

    public IReadOnlyList<GroupRole> Lines { get; }

    public static Reading<GroupRoleMap> Read(string text)
    {
        var lines = new List<GroupRole>();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Line(part) is not { } line)
            {
                return Reading.Refuse<GroupRoleMap>("a part of it is not GROUP=role or GROUP=role@ENTITY+ENTITY");
            }

            lines.Add(line);
        }

        return lines.Count is 0 or > MaxLines
            ? Reading.Refuse<GroupRoleMap>("it names no group, or more than 200")
            : Reading.Of(new GroupRoleMap(lines));
    }

    /// <summary>What someone in these groups is to hold: role name and scope, without repetition.</summary>
    public IReadOnlySet<HeldByGroup> RolesOf(IEnumerable<string> groups)
    {
        var held = groups.ToHashSet(StringComparer.Ordinal);
        return Lines.Where(l => held.Contains(l.Group)).Select(l => new HeldByGroup(l.Role, l.Scope)).ToHashSet();
    }

    private static GroupRole? Line(string part)
    {
        var split = part.LastIndexOf('=');
        if (split is < 1 or > MaxGroup)
        {
            return null;
        }

        var (group, rest) = (part[..split].Trim(), part[(split + 1)..].Trim());
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        var role = at < 0 ? rest : rest[..at];
        if (group.Length == 0 || role.Length is 0 or > 64
            || !role.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            return null;
        }

        if (at < 0)
        {
            return new GroupRole(group, role, EntityScope.All.ToString());
        }

        var codes = rest[(at + 1)..].Split('+', StringSplitOptions.TrimEntries);
        return codes.Length <= EntityScope.MaxCodes && codes.All(EntityScope.IsCode)
            ? new GroupRole(group, role, EntityScope.Of(codes).ToString())
            : null;
    }
}

/// <summary>One line of the map.</summary>
internal sealed record GroupRole(string Group, string Role, string Scope);

/// <summary>A role to hold because of a group.</summary>
/// <param name="Role">The name of the role.</param>
/// <param name="Scope">Its reach, as <see cref="EntityScope"/> writes it.</param>
internal sealed record HeldByGroup(string Role, string Scope);
