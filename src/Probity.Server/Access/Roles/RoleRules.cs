using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.Roles;

/// <summary>What a role must be.</summary>
internal static class RoleRules
{
    private const int MaxName = 64;

    /// <exception cref="ProblemException">request.bad_field, with each fault.</exception>
    public static void Check(string name, string description, IReadOnlyList<string> permissions)
    {
        var faults = new List<ProblemFault>();
        if (name.Length is 0 or > MaxName || !name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            faults.Add(new("/name", ErrorCodes.RequestBadField.Code, "Give 1 to 64 lower-case letters, digits and underscores."));
        }

        if (description.Length is 0 or > RoleDesk.MaxDescription || description.Any(char.IsControl))
        {
            faults.Add(new("/description", ErrorCodes.RequestBadField.Code, "Give 1 to 500 characters without control characters."));
        }

        faults.AddRange(permissions.Select((p, i) => (p, i)).Where(p => !Permission.IsKnown(p.p)).Select(p =>
            new ProblemFault($"/permissions/{p.i}", ErrorCodes.AccessUnknownPermission.Code, "No permission has this name.")));
        if (faults.Count > 0)
        {
            throw new ProblemException(ErrorCodes.RequestBadField) { Faults = faults };
        }
    }
}
